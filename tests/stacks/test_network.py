"""Zones, the ways out, the ways to AWS's services, and the record of it all."""

from typing import Any

import pytest

from tests.stacks.declared import Program

FREE = {"com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.dynamodb"}


def test_s3_and_dynamodb_never_cost_a_nat_gateways_traffic(program: Program) -> None:
    gateways = [found.inputs for found in program.of("VpcEndpoint") if found.inputs["vpcEndpointType"] == "Gateway"]
    assert {found["serviceName"] for found in gateways} == FREE
    private = sorted(f"{found.name}-id" for found in program.of("RouteTable") if "private" in found.name)
    for found in gateways:
        assert sorted(found["routeTableIds"]) == private


def test_no_endpoint_has_a_policy_that_could_keep_image_layers_or_packages_out(program: Program) -> None:
    assert not [found.name for found in program.of("VpcEndpoint") if "policy" in found.inputs]


@pytest.mark.parametrize(("environment", "count"), [("rehearsal", 0), ("staging", 0), ("production", 9)])
def test_interface_endpoints_are_those_of_the_settings(recorded: dict[str, Any], environment: str, count: int) -> None:
    found = [one for one in Program(recorded[environment]).of("VpcEndpoint") if _is_interface(one.inputs)]
    assert len(found) == count


def test_an_interface_endpoint_is_in_every_zone_and_answers_to_the_services_own_name(production: Program) -> None:
    subnets = sorted(f"{found.name}-id" for found in production.of("Subnet") if "private" in found.name)
    for found in production.of("VpcEndpoint"):
        if _is_interface(found.inputs):
            assert sorted(found.inputs["subnetIds"]) == subnets
            assert found.inputs["privateDnsEnabled"] is True
            assert found.inputs["securityGroupIds"] == ["firewall-endpoints-id"]


def test_only_tasks_and_hosts_reach_the_endpoints(program: Program) -> None:
    let_in = [
        found.inputs
        for found in program.of("SecurityGroupIngressRule")
        if found.inputs["securityGroupId"] == "firewall-endpoints-id"
    ]
    assert {found["referencedSecurityGroupId"] for found in let_in} == {
        "firewall-api-id",
        "firewall-vllm-id",
        "firewall-host-id",
    }
    assert {(found["fromPort"], found["toPort"]) for found in let_in} == {(443, 443)}


def test_the_default_security_group_lets_nobody_talk(program: Program) -> None:
    (default,) = program.of("DefaultSecurityGroup")
    assert set(default.inputs) == {"vpcId"}


def test_every_connection_of_the_network_is_recorded_in_the_log_bucket(program: Program) -> None:
    (flow,) = program.of("FlowLog")
    assert (flow.inputs["vpcId"], flow.inputs["trafficType"]) == ("network-vpc-id", "ALL")
    assert flow.inputs["logDestinationType"] == "s3"
    assert flow.inputs["logDestination"].endswith(":storage-logs")
    assert flow.depends_on == ["storage-logs-policy"]


def test_three_zones_have_a_subnet_of_each_kind_and_a_way_out_each(recorded: dict[str, Any]) -> None:
    wide = Program(recorded["wide"])
    assert len(wide.of("Subnet")) == 6 and len({found.inputs["cidrBlock"] for found in wide.of("Subnet")}) == 6
    routes = {found.inputs["natGatewayId"] for found in wide.of("Route") if "private" in found.name}
    assert routes == {f"network-nat-{zone}-id" for zone in "abc"}
    (logs,) = [found for found in wide.of("VpcEndpoint") if found.name == "endpoints-logs"]
    assert len(logs.inputs["subnetIds"]) == 3


def test_both_load_balancers_stand_in_every_zone_and_log_each_request(program: Program) -> None:
    for found in program.of("LoadBalancer"):
        assert len(found.inputs["subnets"]) == 2
        assert found.inputs["accessLogs"]["bucket"] == program.one("storage-logs").inputs["bucket"]
        assert found.inputs["accessLogs"]["enabled"] is True
        assert found.depends_on == ["network-public-default"] * ("ingress" in found.name) + ["storage-logs-policy"]


def _is_interface(inputs: dict[str, Any]) -> bool:
    return bool(inputs["vpcEndpointType"] == "Interface")
