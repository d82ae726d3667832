"""The generator as it really runs: a process that ends well when told to and leaves the truth when killed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from rehearsal.answers import answer
from rehearsal.traffic.record import Outcome, read
from tests.rehearsal.traffic.door import Door, open_door, send_events, stream_of, whole


async def _answer_slowly(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    text = "".join(answer(body["messages"][0]["content"], body["max_tokens"]))
    await asyncio.sleep(0.15)
    return await send_events(request, stream_of(body, text)) if body["stream"] else whole(text)


@asynccontextmanager
async def _generator(door: Door, out: Path) -> AsyncIterator[Process]:
    """A generator that has sent a few requests; none is left running, however the test ends."""
    arguments = ["--url", f"http://{door.address}", "--model", "kestrel", "--rate", "60", "--out", str(out)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rehearsal.traffic", *arguments, env={**os.environ, "SWITCHYARD_API_KEY": "key"}
    )
    try:
        await asyncio.wait_for(door.busy.wait(), 10)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopped_generator_lets_its_requests_end(tmp_path: Path, number: signal.Signals) -> None:
    async with open_door(_answer_slowly) as door, _generator(door, tmp_path / "traffic.jsonl") as process:
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 5) == 0
    records = read(tmp_path / "traffic.jsonl")
    assert len(records) == len(door.seen)
    assert {record.outcome for record in records} == {Outcome.ANSWERED}
    assert {headers["Authorization"] for headers, _port in door.seen} == {"Bearer key"}
    assert {headers["x-request-id"] for headers, _port in door.seen} == {record.id for record in records}


async def test_a_killed_generator_leaves_what_it_had_begun_in_view(tmp_path: Path) -> None:
    async with open_door(_answer_slowly) as door, _generator(door, tmp_path / "traffic.jsonl") as process:
        process.kill()
        await process.wait()
        seen = {headers["x-request-id"] for headers, _port in door.seen}
    records = {record.id: record for record in read(tmp_path / "traffic.jsonl")}
    assert seen <= records.keys()
    assert any(record.outcome is None for record in records.values())


async def test_a_bad_setting_is_one_sentence_and_exit_code_1() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rehearsal.traffic", "--url", "http://127.0.0.1:1", "--model", "m", "--out", "t"),
        env={**os.environ, "SWITCHYARD_API_KEY": ""},
        stderr=asyncio.subprocess.PIPE,
    )
    _out, said = await process.communicate()
    assert process.returncode == 1
    assert said.decode().count("\n") == 1
    assert "SWITCHYARD_API_KEY is not set" in said.decode()
