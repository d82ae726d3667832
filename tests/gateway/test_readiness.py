"""When a task takes its first requests: not before it tried to read what it must know, and not much later."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from gateway.tables.opened import OpenTables

from tests.gateway.stage import Stage
from tests.gateway.tables.unreliable import UnreliableTable

SOON_SECONDS = 8.0
NEVER_SECONDS = 3600.0
BOB = {"authorization": "Bearer sk-bob"}
READ = pytest.mark.parametrize("name", ["keys", "usage", "ledger"])


@asynccontextmanager
async def started(stage: Stage, name: str, *, first_reading_seconds: float) -> AsyncIterator[UnreliableTable]:
    """A gateway whose table of that name does not answer."""
    tables = {each: UnreliableTable() for each in ("ledger", "keys", "cache", "usage")}
    await tables["keys"].put([{"pk": "key", "sk": hashlib.sha256(b"sk-bob").hexdigest(), "name": "bob"}])
    tables[name].gate.clear()
    await stage.start(held_tables=OpenTables(**tables))
    stage.gateway.parts.standing.first_reading_seconds = first_reading_seconds
    try:
        yield tables[name]
    finally:
        tables[name].gate.set()


async def says(stage: Stage) -> tuple[int, str]:
    answer = await stage.request("GET", "/ready", headers={"authorization": ""})
    return answer.status, answer.json["status"]


async def until_ready(stage: Stage) -> None:
    async with asyncio.timeout(SOON_SECONDS):
        while await says(stage) != (200, "ok"):  # noqa: ASYNC110 - over HTTP nobody tells
            await asyncio.sleep(0.01)


async def status_for(stage: Stage, headers: dict[str, str] | None = None) -> int:
    return (await stage.request("GET", "/v1/models", headers=headers)).status


@READ
async def test_a_task_is_ready_once_it_has_read_what_it_must_know(stage: Stage, name: str) -> None:
    async with started(stage, name, first_reading_seconds=NEVER_SECONDS) as table:
        assert await says(stage) == (503, "starting")
        assert await status_for(stage) == 200, "whatever comes is answered"
        table.gate.set()

        await until_ready(stage)

        assert await status_for(stage, BOB) == 200


@READ
async def test_a_table_that_cannot_be_read_keeps_no_task_from_being_ready(stage: Stage, name: str) -> None:
    async with started(stage, name, first_reading_seconds=NEVER_SECONDS) as table:
        table.broken = True
        table.gate.set()

        await until_ready(stage)

        assert await status_for(stage) == 200
        assert await status_for(stage, BOB) == (503 if name == "keys" else 200)


async def test_a_table_that_does_not_answer_keeps_no_task_from_being_ready(stage: Stage) -> None:
    async with started(stage, "keys", first_reading_seconds=0.05):
        await until_ready(stage)


async def test_a_task_is_ready_for_as_long_as_it_runs_whatever_its_tables_do_later(stage: Stage) -> None:
    async with started(stage, "keys", first_reading_seconds=NEVER_SECONDS) as table:
        table.gate.set()
        await until_ready(stage)
        table.broken = True
        (reading,) = [job for job in stage.gateway.parts.standing.jobs if job.name == "reading the keys"]
        assert not await reading.once()

        assert await says(stage) == (200, "ok")


async def test_a_task_that_is_told_to_stop_before_it_was_ready_says_that_it_stops(stage: Stage) -> None:
    async with started(stage, "keys", first_reading_seconds=NEVER_SECONDS):
        stage.gateway.drain.begin()

        assert await says(stage) == (503, "draining")
