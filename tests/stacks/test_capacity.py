"""The GPU hosts: where reservations lie and how they come and go."""

import base64

import pytest

from stacks.hosts import spread, user_data
from tests.stacks.declared import Program

A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"


@pytest.mark.parametrize(
    ("count", "zones", "shares"),
    [
        (0, (A, B), {}),
        (1, (A, B), {A: 1}),
        (2, (A, B), {A: 1, B: 1}),
        (3, (A, B), {A: 2, B: 1}),
        (4, (A, B, C), {A: 2, B: 1, C: 1}),
    ],
)
def test_reserved_hosts_are_spread_over_the_zones(count: int, zones: tuple[str, ...], shares: dict[str, int]) -> None:
    assert spread(count, zones) == shares


def test_a_host_starts_with_the_script_for_its_own_cluster(production: Program) -> None:
    encoded = production.one("capacity-host").inputs["userData"]
    assert base64.b64decode(encoded).decode() == user_data(
        "switchyard-production", "switchyard-production-models-111122223333"
    )


def test_a_host_answers_metadata_to_nobody_but_itself_and_has_no_public_address(production: Program) -> None:
    host = production.one("capacity-host").inputs
    assert host["metadataOptions"]["httpTokens"] == "required"
    assert host["metadataOptions"]["httpPutResponseHopLimit"] == 1
    assert host["networkInterfaces"][0]["associatePublicIpAddress"] == "false"
    assert host["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"


def test_ecs_scales_the_hosts_and_never_ends_one_that_works(production: Program) -> None:
    provider = production.one("capacity-provider").inputs["autoScalingGroupProvider"]
    assert provider["managedTerminationProtection"] == provider["managedDraining"] == "ENABLED"
    assert provider["managedScaling"]["status"] == "ENABLED"
    group = production.one("capacity-hosts").inputs
    assert group["protectFromScaleIn"] is True
    assert (group["minSize"], group["maxSize"]) == (0, 4)


def test_production_reserves_one_colours_minimum_and_staging_nothing(recorded: dict[str, object]) -> None:
    production, staging = Program(recorded["production"]), Program(recorded["staging"])  # type: ignore[arg-type]
    assert sum(found.inputs["instanceCount"] for found in production.of("CapacityReservation")) == 2
    assert staging.of("CapacityReservation") == []
    assert {found.inputs["instanceMatchCriteria"] for found in production.of("CapacityReservation")} == {"open"}
