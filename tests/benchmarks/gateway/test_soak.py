"""What the soak calls a leak, and that its clients leave when they say they do."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.gateway.aborting import Moment, abort
from benchmarks.gateway.load import Target
from benchmarks.gateway.looking import Look
from benchmarks.gateway.mock import MockUpstream
from benchmarks.gateway.soak import problems

REST = Look("at rest", memory_mb=40.0, descriptors=16, tasks=9, objects=30_000, in_flight=0, upstream=0)
EXPECTED = Counter(dict.fromkeys(map(str, Moment), 5))


def test_a_gateway_that_returns_to_what_it_was_has_no_problem() -> None:
    assert problems([REST, replace(REST, memory_mb=43.0), replace(REST, memory_mb=45.0, tasks=12)], EXPECTED) == []


@pytest.mark.parametrize(
    ("after", "what"),
    [
        (replace(REST, memory_mb=60.5), "memory grew by 20.5 MB"),
        (replace(REST, memory_mb=59.0), "in the second half"),
        (replace(REST, descriptors=27), "11 descriptors more"),
        (replace(REST, tasks=20), "11 tasks more"),
        (replace(REST, in_flight=1), "1 in flight"),
        (replace(REST, upstream=3), "3 upstream"),
    ],
)
def test_what_stays_after_the_clients_left_is_a_problem(after: Look, what: str) -> None:
    middle = replace(REST, memory_mb=60.0 if "20.5" in what else 50.0)
    found = problems([REST, middle, after], EXPECTED)
    assert len(found) == 1
    assert what in found[0]


def test_a_client_that_was_answered_otherwise_than_expected_is_a_problem() -> None:
    assert problems([REST, REST, REST], EXPECTED + Counter({"status 503": 2})) == ["2 clients: status 503"]


async def test_clients_leave_at_every_moment_and_the_upstream_writes_for_none_of_them() -> None:
    server = await asyncio.get_running_loop().create_server(MockUpstream, "127.0.0.1", 0)
    left = await abort(Target(server.sockets[0].getsockname()[1], "sk-test"), 12, clients=6, left=lambda: None)
    await asyncio.sleep(0.05)
    server.close()
    assert left == Counter(dict.fromkeys(map(str, Moment), 4))
    assert MockUpstream.open_streams == 0
