"""The load generator against the mock, both in this process: an answer counts only when it is whole."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from benchmarks.gateway.load import Run, Target, run
from benchmarks.gateway.mock import PACE_SECONDS, WORD, WORDS, MockUpstream, Order, whole
from benchmarks.gateway.workloads import Loop, Workload, workloads

SECONDS = 0.1
WORKLOADS = workloads(4, 200.0, 500.0)


class Hasty(MockUpstream):
    """Closes the connection in the middle of each answer."""

    def _write(self, data: bytes) -> None:
        super()._write(data[: len(data) // 2])
        if self._transport is not None:
            self._transport.close()


class Forgetful(MockUpstream):
    """Leaves a word out."""

    def _write(self, data: bytes) -> None:
        super()._write(data.replace(WORD, b"gnu...", 1))


class Refusing(MockUpstream):
    def _write(self, data: bytes) -> None:
        super()._write(data.replace(b"200 OK", b"503 No", 1))


@asynccontextmanager
async def upstream(protocol: Callable[[], MockUpstream] = MockUpstream) -> AsyncIterator[Target]:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    yield Target(server.sockets[0].getsockname()[1], "sk-test")
    server.close()


async def ran(workload: Workload, protocol: Callable[[], MockUpstream] = MockUpstream) -> Run:
    async with upstream(protocol) as target:
        return await run(target, workload, SECONDS, seed=1)


@pytest.mark.parametrize(
    "workload",
    [w for w in WORKLOADS if w.order is not Order.PACED and not w.assembled],
    ids=lambda workload: workload.name,
)
async def test_the_mock_answers_every_workload_in_full(workload: Workload) -> None:
    found = await ran(workload)
    assert not found.errors
    assert found.latencies
    assert all(0 < first <= ended for first, ended in zip(found.firsts, found.latencies, strict=True))


async def test_a_paced_stream_has_its_first_word_long_before_its_last() -> None:
    found = await ran(Workload("paced", "", Loop.CLOSED, Order.PACED, True, words=10, connections=2))
    assert not found.errors
    assert all(ended - first > 8 * PACE_SECONDS for first, ended in zip(found.firsts, found.latencies, strict=True))


@pytest.mark.parametrize(
    ("protocol", "error"),
    [(Hasty, "cut"), (Forgetful, "not whole"), (Refusing, "status 503")],
    ids=["cut", "word", "503"],
)
@pytest.mark.parametrize("loop", Loop)
async def test_an_answer_that_is_not_whole_is_an_error(
    protocol: Callable[[], MockUpstream], error: str, loop: Loop
) -> None:
    asked = Workload("json", "", loop, Order.WHOLE, False, connections=2, rate_per_second=100.0)
    found = await ran(asked, protocol)
    assert not found.latencies
    assert set(found.errors) == {error}


async def test_nobody_there_is_an_error_and_not_a_crash() -> None:
    async with upstream() as target:
        pass
    found = await run(target, replace(WORKLOADS[0], connections=1), SECONDS, seed=1)
    assert found.errors.total() > 0


def test_requests_and_answers_have_the_size_that_the_budget_speaks_of() -> None:
    assert {len(workload.body) for workload in WORKLOADS} == {1024}
    assert 650 <= len(whole(WORDS)) <= 800
