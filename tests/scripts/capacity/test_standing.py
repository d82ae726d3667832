"""What runs, what is reserved, and what stands idle."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from scripts.aws.model import CapacityReservation, Host
from scripts.aws.terms import YEAR_SECONDS, Bought, OfferingClass, Payment, Terms
from scripts.capacity.standing import Standing, covered, gpu_hosts, is_permanent, release_of
from tests.scripts.examples import manifest

PERMANENT = {"switchyard:purpose": "permanent", "Name": "switchyard-staging-us-east-1a"}
RELEASE = {"switchyard:purpose": "release", "switchyard:release": "r-1"}
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def host(zone: str, gpus: int = 1) -> Host:
    return Host(f"i-{zone}", True, gpus, gpus, 0, zone)


def reservation(hosts: int, free: int, tags: Mapping[str, str] = PERMANENT) -> CapacityReservation:
    return CapacityReservation("cr-1", "us-east-1a", hosts, free, tags, None)


def bought(count: int, zone: str | None = None, state: str = "active") -> Bought:
    terms = Terms("g5.xlarge", YEAR_SECONDS, Payment.NO_UPFRONT, OfferingClass.STANDARD, zone)
    return Bought("ri-1", terms, count, state, NOW, NOW + timedelta(days=365))


def standing(*ours: CapacityReservation, hosts: tuple[Host, ...] = (), owned: tuple[Bought, ...] = ()) -> Standing:
    return Standing(manifest(), hosts, ours, 0, owned)


def test_unused_reservations_cost_the_on_demand_price() -> None:
    found = standing(reservation(2, 1), reservation(1, 1, RELEASE), hosts=(host("us-east-1a"),))
    assert (found.reserved_hosts, found.unused_hosts) == (3, 2)
    assert found.unused_hourly_usd == pytest.approx(2.012)
    assert "3 hosts, 1 used, 2 unused at $2.01/h" in found.text


def test_used_reservations_cost_nothing_extra() -> None:
    found = standing(reservation(2, 0))
    assert found.body["unused_hourly_usd"] == 0
    assert "$" not in found.text


@pytest.mark.parametrize(
    ("owned", "expected"),
    [
        ([bought(1)], 1),
        ([bought(9)], 3),
        ([bought(2, "us-east-1a")], 2),
        ([bought(2, "us-east-1b")], 1),
        ([bought(1, "us-east-1c")], 0),
        ([bought(1), bought(2, "us-east-1a")], 3),
        ([], 0),
    ],
)
def test_zonal_reservations_cover_their_zone_and_regional_ones_the_rest(owned: list[Bought], expected: int) -> None:
    hosts = [host("us-east-1a"), host("us-east-1a"), host("us-east-1b")]
    assert covered(hosts, owned) == expected


def test_a_queued_reservation_is_shown_and_covers_nothing_yet() -> None:
    found = standing(hosts=(host("us-east-1a"),), owned=(bought(1, state="queued"),))
    assert found.covered_hosts == 0
    assert "queued until 2027-11-25" in found.text


def test_hosts_without_a_gpu_are_not_counted() -> None:
    assert gpu_hosts([host("us-east-1a"), host("us-east-1a", gpus=0)]) == (host("us-east-1a"),)


def test_a_permanent_reservation_of_another_environment_is_not_ours() -> None:
    other = PERMANENT | {"Name": "switchyard-production-us-east-1a"}
    assert is_permanent(reservation(1, 1), manifest())
    assert not is_permanent(reservation(1, 1, other), manifest())
    assert not is_permanent(reservation(1, 1, {}), manifest())


def test_a_release_reservation_names_its_release() -> None:
    assert release_of(reservation(1, 1, RELEASE)) == "r-1"
    assert release_of(reservation(1, 1)) is None
