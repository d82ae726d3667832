"""GPU arithmetic."""

import pytest

from scripts.aws.model import CapacityReservation, Host
from scripts.release.gpus import hosts_to_add, hosts_to_prove, unreserved, use
from tests.scripts.examples import manifest

FREE, BUSY, GONE = Host("i-1", True, 1, 1, 0), Host("i-2", True, 1, 0, 1), Host("i-3", False, 1, 1, 0)
FOUR = Host("i-4", True, 4, 3, 1)


@pytest.mark.parametrize(
    ("tasks", "per_task", "hosts", "freed", "per_host", "expected"),
    [
        (2, 1, [BUSY, BUSY], 0, 1, 2),
        (2, 1, [FREE, BUSY], 0, 1, 1),
        (2, 1, [GONE, BUSY], 0, 1, 2),
        (2, 1, [BUSY, BUSY], 2, 1, 0),
        (2, 2, [FOUR], 0, 4, 1),
        (3, 1, [FOUR], 0, 4, 0),
        (2, 0, [], 0, 1, 0),
    ],
)
def test_hosts_to_add(tasks: int, per_task: int, hosts: list[Host], freed: int, per_host: int, expected: int) -> None:
    assert hosts_to_add(tasks, per_task, hosts, freed, per_host) == expected


def kept(zone: str, hosts: int, free: int) -> CapacityReservation:
    return CapacityReservation("cr-1", zone, hosts, free, {}, None)


def test_free_places_of_a_permanent_reservation_need_no_proof() -> None:
    permanent = [kept("a", 1, 1), kept("b", 1, 0)]
    assert [hosts_to_prove(to_add, permanent) for to_add in (0, 1, 2)] == [0, 0, 1]


def test_a_host_is_unreserved_where_more_run_than_use_our_reservations() -> None:
    hosts = [Host(f"i-{number}", True, 1, 0, 1, zone) for number, zone in enumerate("aabc")]
    assert unreserved(hosts, [kept("a", 1, 0), kept("b", 2, 1), kept("c", 3, 3)]) == {"a": 1, "c": 1}


def test_a_host_without_a_gpu_is_in_nobodys_way() -> None:
    assert unreserved([Host("i-1", True, 0, 0, 1, "a")], []) == {}


def test_surplus_hosts_cost_their_price() -> None:
    found = use(manifest().capacity, [BUSY, BUSY, FREE], tasks=2, gpus_per_task=1)
    assert (found.running, found.needed, found.surplus_hourly_usd) == (3, 2, 1.006)
