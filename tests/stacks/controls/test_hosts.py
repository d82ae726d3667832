"""Controls of the GPU hosts, their group and their volumes."""

import json

from tests.stacks.controls.control import change, control, every, inside
from tests.stacks.declared import Program


@control("AutoScaling.2", broken=change("Group", vpcZoneIdentifiers=["one"]))
def test_autoscaling_2_the_group_spans_several_zones(program: Program) -> None:
    assert all(len(set(found.inputs["vpcZoneIdentifiers"])) >= 2 for found in every(program, "Group"))


@control("AutoScaling.9", broken=change("Group", launchTemplate=None))
def test_autoscaling_9_the_group_uses_a_launch_template(program: Program) -> None:
    assert all((found.inputs["launchTemplate"] or {}).get("id") for found in every(program, "Group"))


@control("EC2.8", "EC2.170", broken=inside("LaunchTemplate", "metadataOptions", httpTokens="optional"))
def test_ec2_170_launch_templates_require_imdsv2_within_one_hop(program: Program) -> None:
    for template in every(program, "LaunchTemplate"):
        options = template.inputs["metadataOptions"]
        assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)


def _plain_volume(program: Program) -> None:
    program.of("LaunchTemplate")[0].inputs["blockDeviceMappings"][0]["ebs"]["encrypted"] = "false"


@control("EC2.3", "EC2.181", broken=_plain_volume)
def test_ec2_181_launch_templates_encrypt_their_volumes(program: Program) -> None:
    for template in every(program, "LaunchTemplate"):
        volumes = [found["ebs"] for found in template.inputs["blockDeviceMappings"]]
        assert volumes and all(volume["encrypted"] == "true" for volume in volumes)


@control(
    "ECS.19",
    broken=inside("CapacityProvider", "autoScalingGroupProvider", managedTerminationProtection="DISABLED"),
)
def test_ecs_19_the_capacity_provider_protects_hosts_that_work(program: Program) -> None:
    for provider in every(program, "CapacityProvider"):
        inner = provider.inputs["autoScalingGroupProvider"]
        assert inner["managedTerminationProtection"] == "ENABLED"
        assert inner["managedScaling"]["status"] == "ENABLED"
    assert all(found.inputs["protectFromScaleIn"] is True for found in every(program, "Group"))


def _unmanaged(program: Program) -> None:
    program.one("identity-host-policy").inputs["policy"] = json.dumps({"Statement": []})


@control("SSM.1", broken=_unmanaged)
def test_ssm_1_hosts_are_managed_by_systems_manager(program: Program) -> None:
    document = json.loads(program.one("identity-host-policy").inputs["policy"])
    allowed = {action for statement in document["Statement"] for action in statement["Action"]}
    assert {"ssm:UpdateInstanceInformation", "ssmmessages:OpenControlChannel"} <= allowed
