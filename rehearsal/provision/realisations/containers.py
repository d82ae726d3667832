"""ECS: cluster, capacity provider, task definitions, services. ECS speaks camel case, so most passes through whole."""

import json
from typing import Any

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:ecs/cluster:Cluster")
def cluster(declared: Declared) -> Realised:
    made = declared.aws("ecs").create_cluster(
        clusterName=declared.inputs["name"],
        settings=declared.inputs.get("settings", []),
        **({"configuration": declared.inputs["configuration"]} if declared.inputs.get("configuration") else {}),
        tags=_tags(declared),
    )["cluster"]
    return Realised(made["clusterArn"], {"arn": made["clusterArn"]})


@REGISTRY.realises("aws:ecs/capacityProvider:CapacityProvider")
def capacity_provider(declared: Declared) -> Realised:
    made = declared.aws("ecs").create_capacity_provider(
        name=declared.inputs["name"],
        autoScalingGroupProvider=declared.inputs["autoScalingGroupProvider"],
        tags=_tags(declared),
    )["capacityProvider"]
    return Realised(made["capacityProviderArn"], {"arn": made["capacityProviderArn"]})


@REGISTRY.realises("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
def cluster_capacity_providers(declared: Declared) -> Realised:
    name = declared.inputs["clusterName"]
    declared.aws("ecs").put_cluster_capacity_providers(
        cluster=name, capacityProviders=declared.inputs["capacityProviders"], defaultCapacityProviderStrategy=[]
    )
    return Realised(name, {})


@REGISTRY.realises("aws:ecs/taskDefinition:TaskDefinition")
def task_definition(declared: Declared) -> Realised:
    inputs = declared.inputs
    passed = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory")
    made = declared.aws("ecs").register_task_definition(
        **{key: inputs[key] for key in (*passed, "runtimePlatform") if inputs.get(key) is not None},
        containerDefinitions=json.loads(inputs["containerDefinitions"]),
        volumes=[_volume(volume) for volume in inputs.get("volumes") or []],
        tags=_tags(declared),
    )["taskDefinition"]
    arn = made["taskDefinitionArn"]
    outputs = {
        "arn": arn,
        "arnWithoutRevision": arn.rpartition(":")[0],
        "revision": made["revision"],
        "enableFaultInjection": False,
    }
    return Realised(inputs["family"], outputs)


@REGISTRY.realises("aws:ecs/service:Service")
def service(declared: Declared) -> Realised:
    inputs = declared.inputs
    made = declared.aws("ecs").create_service(
        serviceName=inputs["name"],
        **_passed(inputs),
        **_placement(inputs),
        networkConfiguration={"awsvpcConfiguration": _network(inputs["networkConfiguration"])},
        deploymentConfiguration=_deployment(inputs),
        tags=_tags(declared),
    )["service"]
    outputs = {
        "arn": made["serviceArn"],
        "availabilityZoneRebalancing": inputs.get("availabilityZoneRebalancing", "ENABLED"),
        "launchType": inputs.get("launchType", ""),
        "platformVersion": inputs.get("platformVersion", ""),
        **declared.empty("deploymentConfiguration", "iamRole", "triggers"),
    }
    return Realised(made["serviceArn"], outputs)


def _passed(inputs: Any) -> dict[str, Any]:
    same = ("cluster", "taskDefinition", "desiredCount", "launchType", "platformVersion", "loadBalancers")
    more = ("healthCheckGracePeriodSeconds", "propagateTags", "availabilityZoneRebalancing")
    own = ("schedulingStrategy", "enableExecuteCommand")
    passed = {key: inputs[key] for key in (*same, *more, *own) if inputs.get(key) is not None}
    return {**passed, "enableECSManagedTags": bool(inputs.get("enableEcsManagedTags"))}


def _placement(inputs: Any) -> dict[str, Any]:
    """The two lists that the provider names in the plural."""
    found: dict[str, Any] = {}
    if inputs.get("capacityProviderStrategies"):
        found["capacityProviderStrategy"] = inputs["capacityProviderStrategies"]
    if inputs.get("orderedPlacementStrategies"):
        found["placementStrategy"] = inputs["orderedPlacementStrategies"]
    return found


def _network(network: Any) -> dict[str, Any]:
    return {
        "subnets": network["subnets"],
        "securityGroups": network["securityGroups"],
        "assignPublicIp": "ENABLED" if network.get("assignPublicIp") else "DISABLED",
    }


def _deployment(inputs: Any) -> dict[str, Any]:
    """A daemon has no circuit breaker: one bad host must not keep it from the next."""
    percents = {
        "minimumHealthyPercent": inputs["deploymentMinimumHealthyPercent"],
        "maximumPercent": inputs["deploymentMaximumPercent"],
    }
    breaker = inputs.get("deploymentCircuitBreaker")
    return {**percents, "deploymentCircuitBreaker": breaker} if breaker else percents


def _volume(volume: Any) -> dict[str, Any]:
    """A folder of the host, or one that is made for the task."""
    host = {"sourcePath": volume["hostPath"]} if volume.get("hostPath") else {}
    return {"name": volume["name"], "host": host}


def _tags(declared: Declared) -> list[dict[str, str]]:
    return declared.tag_list("key", "value")
