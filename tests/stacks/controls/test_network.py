"""Controls of the network: who may reach what, and what is written about it."""

from typing import Any

from tests.stacks.controls.control import Mutation, change, control, every, inside, without
from tests.stacks.declared import Declaration, Program

WORLD = ("0.0.0.0/0", "::/0")
# Security Hub's list for EC2.19.
HIGH_RISK_PORTS = {
    *(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601),
    *(8080, 8088, 8888, 9200, 9300),
}


def from_the_world(program: Program) -> list[Declaration]:
    """Ports are TCP's and UDP's: for ICMP the same two fields are a type and a code."""
    rules = [found for found in program.of("SecurityGroupIngressRule") if found.inputs.get("cidrIpv4") in WORLD]
    return [found for found in rules if found.inputs["ipProtocol"] != "icmp"]


def ports(block: dict[str, Any]) -> range:
    """What an entry lets through; protocol -1 means everything."""
    if str(block.get("protocol") or block.get("ipProtocol")) == "-1":
        return range(65536)
    return range(int(block["fromPort"]), int(block["toPort"]) + 1)


@control("EC2.2", broken=change("DefaultSecurityGroup", ingress=[{"protocol": "-1", "fromPort": 0, "toPort": 0}]))
def test_ec2_2_the_default_security_group_has_no_rules(program: Program) -> None:
    (group,) = every(program, "DefaultSecurityGroup")
    assert not group.inputs.get("ingress") and not group.inputs.get("egress")


@control("EC2.6", broken=without("FlowLog"))
def test_ec2_6_every_vpc_writes_flow_logs_of_all_traffic(program: Program) -> None:
    logged = {found.inputs["vpcId"] for found in program.of("FlowLog") if found.inputs["trafficType"] == "ALL"}
    assert logged == {f"{found.name}-id" for found in every(program, "Vpc")}


@control("EC2.9", "EC2.25", broken=inside("LaunchTemplate", "networkInterfaces", associatePublicIpAddress="true"))
def test_ec2_25_instances_get_no_public_address(program: Program) -> None:
    for template in every(program, "LaunchTemplate"):
        assert all(found["associatePublicIpAddress"] == "false" for found in template.inputs["networkInterfaces"])


@control("EC2.15", broken=change("Subnet", mapPublicIpOnLaunch=True))
def test_ec2_15_subnets_give_no_public_address(program: Program) -> None:
    assert all(found.inputs["mapPublicIpOnLaunch"] is False for found in every(program, "Subnet"))


def _reached(service: str) -> Mutation:
    def mutate(program: Program) -> None:
        program.aws[:] = [f for f in program.aws if not str(f.inputs.get("serviceName", "")).endswith(f".{service}")]

    return mutate


def reached_inside(program: Program, service: str) -> bool:
    return any(found.inputs["serviceName"].endswith(f".{service}") for found in program.of("VpcEndpoint"))


@control("EC2.55", broken=_reached("ecr.api"))
def test_ec2_55_the_image_registrys_api_is_reached_inside(production: Program) -> None:
    assert reached_inside(production, "ecr.api")


@control("EC2.56", broken=_reached("ecr.dkr"))
def test_ec2_56_the_image_registry_is_reached_inside(production: Program) -> None:
    assert reached_inside(production, "ecr.dkr") and reached_inside(production, "s3")


@control("EC2.57", broken=_reached("ssm"))
def test_ec2_57_systems_manager_is_reached_inside(production: Program) -> None:
    assert reached_inside(production, "ssm")


@control("EC2.16", broken=change("NetworkAcl", subnetIds=[]))
def test_ec2_16_no_network_access_list_is_unused(program: Program) -> None:
    assert all(found.inputs["subnetIds"] for found in every(program, "NetworkAcl"))


@control("EC2.18", broken=lambda program: from_the_world(program)[0].inputs.update(fromPort=8080, toPort=8080))
def test_ec2_18_the_world_reaches_port_443_only(program: Program) -> None:
    assert from_the_world(program)
    assert {port for found in from_the_world(program) for port in ports(found.inputs)} == {443}


@control("EC2.19", broken=lambda program: from_the_world(program)[0].inputs.update(fromPort=22, toPort=22))
def test_ec2_19_no_high_risk_port_is_open_to_the_world(program: Program) -> None:
    assert from_the_world(program)
    assert not {port for found in from_the_world(program) for port in ports(found.inputs)} & HIGH_RISK_PORTS


def _ssh(program: Program) -> None:
    entry = {"action": "allow", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": "0.0.0.0/0", "ruleNo": 9}
    program.of("NetworkAcl")[0].inputs["ingress"].append(entry)


@control("EC2.21", broken=_ssh)
def test_ec2_21_no_access_list_lets_the_world_in_to_ssh_or_remote_desktop(program: Program) -> None:
    lists = [*every(program, "NetworkAcl"), *every(program, "DefaultNetworkAcl")]
    for entry in [entry for found in lists for entry in found.inputs.get("ingress") or []]:
        if entry["action"] == "allow" and entry.get("cidrBlock") in WORLD:
            assert 22 not in ports(entry) and 3389 not in ports(entry), entry
