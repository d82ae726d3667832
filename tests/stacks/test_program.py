"""What the program declares, in every environment."""

from collections import Counter
from typing import Any

import pytest

from tests.stacks.declared import UNKNOWN, Declaration, Program

TAGS = {"Project", "Environment", "ManagedBy", "SwitchyardStack"}
NO_NAME = (
    *("Subnet", "InternetGateway", "NatGateway", "Eip", "RouteTable", "Route", "RouteTableAssociation", "Vpc"),
    *("SecurityGroupIngressRule", "SecurityGroupEgressRule", "Listener", "ListenerRule", "LifecyclePolicy"),
    *("TableItem", "Target", "TaskDefinition", "ClusterCapacityProviders", "CapacityReservation"),
    *("Key", "Workspace", "TopicPolicy", "TopicSubscription", "WebAclAssociation", "WebAclLoggingConfiguration"),
    *("VpcEndpoint", "FlowLog", "NetworkAcl", "DefaultNetworkAcl", "DefaultSecurityGroup"),
    # A bucket's name is another input; test_storage.py looks at it.
    *("Bucket", "BucketPolicy", "BucketPublicAccessBlock", "BucketOwnershipControls", "BucketVersioning"),
    *("BucketServerSideEncryptionConfiguration", "BucketLifecycleConfiguration", "BucketLogging"),
)


def test_the_program_asks_aws_nothing(program: Program) -> None:
    """Recording fails on any call, so having a program at all is the proof; it must also be whole."""
    assert len(program.aws) > 80


def test_logical_names_are_unique_within_a_type(program: Program) -> None:
    counts = Counter((found.type, found.name) for found in program.all)
    assert [name for name, count in counts.items() if count > 1] == []


def test_names_are_explicit_and_carry_the_environment(recorded: dict[str, Any]) -> None:
    for environment in ("rehearsal", "staging", "production"):
        for found in Program(recorded[environment]).aws:
            if found.type.rpartition(":")[2] not in (*NO_NAME, "RolePolicy"):
                assert environment in found.inputs["name"], found


def test_everything_goes_through_the_one_provider_that_tags(program: Program) -> None:
    assert {found.provider for found in program.aws} == {"aws"}
    (provider,) = [found for found in program.all if found.type == "pulumi:providers:aws"]
    assert all(f'"{tag}"' in provider.inputs["defaultTags"] for tag in TAGS)


def test_what_default_tags_do_not_reach_is_tagged_by_hand(program: Program) -> None:
    (group,) = program.of("Group")
    assert {tag["key"] for tag in group.inputs["tags"] if tag["propagateAtLaunch"]} >= TAGS
    (host,) = program.of("LaunchTemplate")
    for specification in host.inputs["tagSpecifications"]:
        assert set(specification["tags"]) >= TAGS


def test_the_public_door_speaks_tls_only(program: Program) -> None:
    listener = program.one("ingress-https").inputs
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    assert listener["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    public = [found for found in program.of("Listener") if found.name.startswith("ingress-")]
    assert len(public) == 1


def test_what_no_rule_takes_is_answered_with_not_found(program: Program) -> None:
    (action,) = program.one("ingress-https").inputs["defaultActions"]
    assert action["fixedResponse"]["statusCode"] == "404"


def test_traffic_is_one_rule_with_both_colours_and_starts_on_blue(program: Program) -> None:
    rule = program.one("ingress-traffic").inputs
    assert rule["priority"] == 100
    weights = {group["arn"][-5:]: group["weight"] for group in rule["actions"][0]["forward"]["targetGroups"]}
    assert weights == {"-blue": 1, "green": 0}


def test_the_preview_rules_come_before_traffic_and_each_takes_its_own_colour(program: Program) -> None:
    for colour, priority in (("blue", 10), ("green", 11)):
        rule = program.one(f"ingress-preview-{colour}").inputs
        assert rule["priority"] == priority
        assert rule["actions"][0]["targetGroupArn"].endswith(f"ingress-api-{colour}")


def test_the_preview_token_is_a_secret_to_the_engine(program: Program) -> None:
    for colour in ("blue", "green"):
        conditions = program.one(f"ingress-preview-{colour}").inputs["conditions"]
        assert isinstance(conditions, dict)  # the SDK's wrapping of a secret
        headers = {c["httpHeader"]["httpHeaderName"]: c["httpHeader"]["values"] for c in conditions["value"]}
        assert headers["x-switchyard-preview-colour"] == [colour]
        assert set(headers) == {"x-switchyard-preview", "x-switchyard-preview-colour"}


def test_each_vllm_colour_has_a_port_of_its_own(program: Program) -> None:
    ports = {}
    for colour in ("blue", "green"):
        listener = program.one(f"internal-{colour}").inputs
        ports[listener["port"]] = listener["defaultActions"][0]["targetGroupArn"].rpartition("-")[2]
    assert ports == {8001: "blue", 8002: "green"}


def test_health_is_asked_where_the_parts_answer_it(production: Program) -> None:
    api, vllm = (production.one(name).inputs["healthCheck"] for name in ("ingress-api-blue", "internal-vllm-green"))
    assert (api["port"], api["path"], api["interval"], api["unhealthyThreshold"]) == ("8080", "/ready", 10, 2)
    assert (vllm["port"], vllm["path"], vllm["interval"], vllm["unhealthyThreshold"]) == ("8001", "/ready", 15, 4)


def test_no_target_group_is_sticky_and_all_drain_for_the_stream_limit(production: Program) -> None:
    groups = production.of("TargetGroup")
    assert len(groups) == 4
    for group in groups:
        assert group.inputs["stickiness"]["enabled"] is False
        assert group.inputs["deregistrationDelay"] == 600
        assert group.inputs["targetType"] == "ip"


def test_only_the_public_door_is_open_to_the_world(program: Program) -> None:
    world = [found for found in program.of("SecurityGroupIngressRule") if "cidrIpv4" in found.inputs]
    assert [found.name for found in world] == ["firewall-door-from-0.0.0.0-0", "firewall-door-too-big"]
    assert world[0].inputs["fromPort"] == world[0].inputs["toPort"] == 443
    assert world[1].inputs["ipProtocol"] == "icmp"


def test_security_groups_are_chained_by_reference(program: Program) -> None:
    chain = {found.name for found in program.of("SecurityGroupIngressRule") if "cidrIpv4" not in found.inputs}
    assert chain == {
        "firewall-api-from-door-8080",
        "firewall-internal-from-api-8001",
        "firewall-internal-from-api-8002",
        "firewall-vllm-from-internal-8000",
        "firewall-vllm-from-internal-8001",
        "firewall-endpoints-from-api-443",
        "firewall-endpoints-from-vllm-443",
        "firewall-endpoints-from-host-443",
    }


def test_nothing_but_the_load_balancer_gets_a_public_address(program: Program) -> None:
    assert all(subnet.inputs["mapPublicIpOnLaunch"] is False for subnet in program.of("Subnet"))
    assert all(s.inputs["networkConfiguration"]["assignPublicIp"] is False for s in program.of("Service"))


@pytest.mark.parametrize(("environment", "gateways"), [("staging", 1), ("production", 2)])
def test_there_are_as_many_ways_out_as_the_settings_say(
    recorded: dict[str, Any], environment: str, gateways: int
) -> None:
    program = Program(recorded[environment])
    assert len(program.of("NatGateway")) == gateways
    private = [route for route in program.of("Route") if "private" in route.name]
    assert len(private) == 2 and len({route.inputs["natGatewayId"] for route in private}) == gateways


def test_images_keep_their_tags_and_the_last_ten_releases(program: Program) -> None:
    assert {found.inputs["imageTagMutability"] for found in program.of("Repository")} == {"IMMUTABLE"}
    for policy in program.of("LifecyclePolicy"):
        assert (
            '"tagPrefixList": ["release-"], "countType": "imageCountMoreThan", "countNumber": 10'
            in (policy.inputs["policy"])
        )


def test_environments_declare_the_same_things_except_where_their_settings_differ(recorded: dict[str, Any]) -> None:
    def shape(environment: str) -> set[tuple[str, str]]:
        return {(found.type, found.name) for found in Program(recorded[environment]).all}

    def differing(one: str, other: str) -> set[str]:
        return {name for _, name in shape(one) ^ shape(other)}

    reserved = {"capacity-reserved-a", "capacity-reserved-b"}
    second_way_out = {"network-nat-b", "network-nat-b-address"}
    inside = {found.name for found in Program(recorded["production"]).of("VpcEndpoint")}
    inside -= {"endpoints-s3", "endpoints-dynamodb"}
    assert differing("staging", "production") == reserved | second_way_out | inside
    told = {"alerts-email-oncall@example.com"}
    assert differing("rehearsal", "production") == second_way_out | inside | told


def test_the_same_settings_declare_the_same_inputs_in_every_environment(recorded: dict[str, Any]) -> None:
    """Beside names, only what a settings file changes may differ; the firewall is changed by none."""

    def rules(environment: str) -> dict[str, Any]:
        program = Program(recorded[environment])
        found: list[Declaration] = [*program.of("SecurityGroupIngressRule"), *program.of("SecurityGroupEgressRule")]
        return {rule.name: rule.inputs for rule in found}

    assert rules("staging") == rules("production") == rules("rehearsal")


def test_a_preview_knows_no_output_and_still_declares_everything(recorded: dict[str, Any], preview: Program) -> None:
    assert set(preview.outputs.values()) == {None}
    assert {found.name for found in preview.all} == {found.name for found in Program(recorded["staging"]).all}
    assert preview.one("manifest-current").inputs["item"] == UNKNOWN
    assert preview.one("api-template").inputs["containerDefinitions"] == UNKNOWN
