"""What may be scaled and how far: the hosts' group and the services' scalable targets."""

from typing import Any

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:autoscaling/group:Group")
def group(declared: Declared) -> Realised:
    """A group's tags are a list of their own kind, each saying whether hosts inherit it."""
    inputs, scaling = declared.inputs, declared.aws("autoscaling")
    template = inputs["launchTemplate"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=inputs["name"],
        **declared.given("minSize", "maxSize", "desiredCapacity", "healthCheckType"),
        NewInstancesProtectedFromScaleIn=bool(inputs.get("protectFromScaleIn")),
        VPCZoneIdentifier=",".join(inputs["vpcZoneIdentifiers"]),
        LaunchTemplate={"LaunchTemplateId": template["id"], "Version": template["version"]},
        Tags=[_tag(inputs["name"], tag) for tag in inputs.get("tags", [])],
    )
    made = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[inputs["name"]])["AutoScalingGroups"][0]
    outputs = {
        "arn": made["AutoScalingGroupARN"],
        "availabilityZones": made["AvailabilityZones"],
        "defaultCooldown": made.get("DefaultCooldown", 300),
        "serviceLinkedRoleArn": made.get("ServiceLinkedRoleARN", ""),
        **declared.empty("availabilityZoneDistribution", "capacityReservationSpecification", "instanceLifecyclePolicy"),
        **declared.empty("loadBalancers", "mixedInstancesPolicy", "namePrefix", "predictedCapacity"),
        **declared.empty("targetGroupArns", "trafficSources", "warmPoolSize"),
    }
    return Realised(inputs["name"], outputs)


@REGISTRY.realises("aws:appautoscaling/target:Target")
def target(declared: Declared) -> Realised:
    scaling, inputs = declared.aws("application-autoscaling"), declared.inputs
    scaling.register_scalable_target(
        **_same(inputs, "serviceNamespace", "resourceId", "scalableDimension"),
        MinCapacity=inputs["minCapacity"],
        MaxCapacity=inputs["maxCapacity"],
    )
    made = scaling.describe_scalable_targets(
        ServiceNamespace=inputs["serviceNamespace"], ResourceIds=[inputs["resourceId"]]
    )["ScalableTargets"][0]
    outputs = {
        "arn": made.get("ScalableTargetARN", ""),
        "roleArn": made.get("RoleARN", ""),
        **declared.empty("suspendedState"),
    }
    return Realised(inputs["resourceId"], outputs)


@REGISTRY.realises("aws:appautoscaling/policy:Policy")
def policy(declared: Declared) -> Realised:
    scaling, inputs = declared.aws("application-autoscaling"), declared.inputs
    made = scaling.put_scaling_policy(
        PolicyName=inputs["name"],
        **_same(inputs, "serviceNamespace", "resourceId", "scalableDimension", "policyType"),
        TargetTrackingScalingPolicyConfiguration=_upper(inputs["targetTrackingScalingPolicyConfiguration"]),
    )
    return Realised(inputs["name"], {"arn": made["PolicyARN"], **declared.empty("alarmArns")})


def _upper(found: Any) -> Any:
    """The provider's inputs are AWS's parameters, with a small first letter at every level."""
    if isinstance(found, dict):
        return {name[0].upper() + name[1:]: _upper(value) for name, value in found.items()}
    return [_upper(value) for value in found] if isinstance(found, list) else found


def _same(inputs: Any, *names: str) -> dict[str, Any]:
    return {name[0].upper() + name[1:]: inputs[name] for name in names}


def _tag(group_name: str, tag: Any) -> dict[str, Any]:
    return {
        "ResourceId": group_name,
        "ResourceType": "auto-scaling-group",
        "Key": tag["key"],
        "Value": tag["value"],
        "PropagateAtLaunch": bool(tag["propagateAtLaunch"]),
    }
