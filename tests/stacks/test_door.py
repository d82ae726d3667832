"""The public door and the way to vLLM: name, certificate, what a request meets before it meets a target group."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stacks.declared import UNKNOWN, Declaration, Program
from tests.stacks.examples import OWNER, ZONE

DOMAIN_KINDS = ("Certificate", "CertificateValidation", "Record")


@pytest.fixture
def zone(recorded: dict[str, Any]) -> Program:
    return Program(recorded["zone"])


@pytest.fixture
def zone_preview(recorded: dict[str, Any]) -> Program:
    return Program(recorded["zone-preview"])


def balancers(program: Program) -> Iterator[Declaration]:
    yield program.one("ingress-public")
    yield program.one("internal-balancer")


def test_a_certificate_that_the_owner_brings_is_used_as_it_is(production: Program) -> None:
    assert production.one("ingress-https").inputs["certificateArn"] == OWNER["certificateArn"]
    assert [found.name for kind in DOMAIN_KINDS for found in production.of(kind)] == []


def test_with_a_zone_a_certificate_is_requested_and_validated_in_it(zone: Program) -> None:
    requested = zone.one("certificate-requested").inputs
    assert requested["domainName"] == "llm.example.com"
    assert (requested["validationMethod"], requested["keyAlgorithm"]) == ("DNS", "RSA_2048")
    record = zone.one("certificate-validation").inputs
    assert record["zoneId"] == ZONE["hostedZoneId"]
    assert (record["name"], record["type"]) == ("_proof.llm.example.com.", "CNAME")
    assert record["records"] == ["_value.acm-validations.aws."]


def test_the_listener_waits_until_the_certificate_is_issued(zone: Program) -> None:
    """A listener with a certificate that is still pending is refused by AWS."""
    issued = zone.one("certificate-issued").inputs
    assert issued["certificateArn"].endswith(":certificate-requested")
    assert issued["validationRecordFqdns"] == ["accepted-only:certificate-validation:fqdn"]
    assert zone.one("ingress-https").inputs["certificateArn"].endswith(":certificate/issued")


def test_with_a_zone_the_name_is_an_alias_of_the_public_load_balancer(zone: Program) -> None:
    alias = zone.one("domain-alias").inputs
    assert (alias["zoneId"], alias["name"]) == (ZONE["hostedZoneId"], "llm.example.com")
    assert alias["aliases"][0]["name"] == "accepted-only:ingress-public:dnsName"


def test_the_name_has_an_ipv6_address_only_if_the_load_balancer_has_one(zone: Program) -> None:
    assert "ipAddressType" not in zone.one("ingress-public").inputs
    assert [found.inputs["type"] for found in zone.of("Record")].count("AAAA") == 0
    assert zone.one("domain-alias").inputs["type"] == "A"


def test_a_preview_of_a_certificate_that_is_not_there_declares_everything(zone: Program, zone_preview: Program) -> None:
    assert {found.name for found in zone_preview.all} == {found.name for found in zone.all}
    assert zone_preview.one("certificate-validation").inputs["name"] == UNKNOWN
    assert zone_preview.one("ingress-https").inputs["certificateArn"] == UNKNOWN


def test_both_load_balancers_drop_what_could_be_read_in_two_ways(program: Program) -> None:
    for found in balancers(program):
        assert found.inputs["dropInvalidHeaderFields"] is True
        assert found.inputs["desyncMitigationMode"] == "defensive"
        assert found.inputs["enableDeletionProtection"] is True


def test_the_public_door_writes_access_logs_once_it_may(program: Program) -> None:
    """AWS tries a write when logs are switched on, so the bucket's policy must be there before; and it refuses a public
    load balancer in a network without an internet gateway."""
    public = program.one("ingress-public")
    assert public.inputs["accessLogs"]["enabled"] is True
    assert public.inputs["accessLogs"]["bucket"] == program.one("storage-logs").inputs["bucket"]
    assert public.depends_on == ["network-public-default", "storage-logs-policy"]


def test_no_listener_of_the_public_door_speaks_plain_http(program: Program) -> None:
    public = [found for found in program.of("Listener") if found.name.startswith("ingress-")]
    assert [(found.inputs["port"], found.inputs["protocol"]) for found in public] == [(443, "HTTPS")]


def test_vllm_gets_each_request_where_the_fewest_are_in_flight(program: Program) -> None:
    """Answers differ in length, so taking turns would pile them up; the gateway's do not differ from turn to turn."""
    algorithms = {group.name: group.inputs["loadBalancingAlgorithmType"] for group in program.of("TargetGroup")}
    assert algorithms == {
        **{f"internal-vllm-{colour}": "least_outstanding_requests" for colour in ("blue", "green")},
        **{f"ingress-api-{colour}": "round_robin" for colour in ("blue", "green")},
    }


def test_the_way_to_vllm_is_private_and_a_colour_cannot_reach_the_other(program: Program) -> None:
    assert program.one("internal-balancer").inputs["internal"] is True
    for colour in ("blue", "green"):
        (action,) = program.one(f"internal-{colour}").inputs["defaultActions"]
        assert action["type"] == "forward"
        assert action["targetGroupArn"].endswith(f"internal-vllm-{colour}")
        group = program.one(f"internal-vllm-{colour}").inputs
        assert (group["port"], group["healthCheck"]["port"], group["healthCheck"]["path"]) == (8000, "8001", "/ready")
    assert not [found for found in program.of("ListenerRule") if found.name.startswith("internal")]
