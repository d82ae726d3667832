"""The loop is open, and stopping it loses nothing."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

from aiohttp import web

from rehearsal.traffic.record import Outcome, read
from tests.rehearsal.traffic.conftest import Observe, generate
from tests.rehearsal.traffic.door import open_door, well


async def _stall(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response()


async def test_a_stalled_server_does_not_slow_the_schedule(observe: Observe) -> None:
    stalled = await observe(_stall, stream_share=0.5, rate=100, seconds=0.4)
    assert {record.outcome for record in stalled} == {Outcome.LOST}
    assert 30 <= len(stalled) <= 40
    starts = [record.started for record in stalled]
    assert max(later - earlier for earlier, later in itertools.pairwise(starts)) < 0.5


async def test_requests_in_flight_finish_after_the_stop(observe: Observe) -> None:
    async def slow(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(0.1)
        return await well(request, body)

    records = await observe(slow, stream_share=0.5, seconds=0.05)
    assert records
    assert {record.outcome for record in records} == {Outcome.ANSWERED}


async def test_a_request_is_in_the_file_before_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "traffic.jsonl"
    unfinished: list[bool] = []

    async def look(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        pending = {record.id for record in read(path) if record.outcome is None}
        unfinished.append(request.headers["x-request-id"] in pending)
        return await well(request, body)

    async with open_door(look) as door:
        await generate(path, (door.address,), 0.5, 100, 0.05)
    assert unfinished
    assert all(unfinished)


async def test_requests_alternate_over_the_nodes(tmp_path: Path) -> None:
    async with open_door(well) as one, open_door(well, "127.0.0.2") as two:
        records = await generate(tmp_path / "traffic.jsonl", (one.address, two.address), 0, 100, 0.1)
    assert [record.node for record in records] == [(one.address, two.address)[at % 2] for at in range(len(records))]
    assert abs(len(one.seen) - len(two.seen)) <= 1
    assert {headers["Host"] for headers, _port in two.seen} == {one.address}
