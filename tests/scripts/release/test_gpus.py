"""GPU arithmetic."""

import pytest

from scripts.aws.model import Host
from scripts.release.gpus import hosts_to_add, use
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


def test_surplus_hosts_cost_their_price() -> None:
    found = use(manifest().capacity, [BUSY, BUSY, FREE], tasks=2, gpus_per_task=1)
    assert (found.running, found.needed, found.surplus_hourly_usd) == (3, 2, 1.006)
