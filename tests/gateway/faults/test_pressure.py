"""What surrounds a request fails, or presses: its tables, its key, its client's patience, its own size."""

import asyncio
import time

import pytest
from gateway.keys.key import Key
from gateway.keys.keyring import digest
from gateway.tables.opened import OpenTables

from tests.gateway import speech
from tests.gateway.faults.observed import LONG, LONG_SECONDS
from tests.gateway.stage import Stage, account_at, raw_request
from tests.gateway.tables.unreliable import UnreliableTable
from tests.gateway.upstream import HANG, PAUSE, Script, Seen

MODES = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
MEGABYTE = 1 << 20
BOB = {"authorization": "Bearer sk-bob"}


@MODES
async def test_tables_that_fail_while_it_serves_cost_no_client_its_answer(stage: Stage, stream: bool) -> None:
    tables = [UnreliableTable() for _ in range(4)]
    stage.vllm.script = speech.stream("Still here")
    await tables[1].put([{"pk": "key", "sk": digest(b"sk-bob").hex(), "name": "bob", "requests_per_minute": 100}])
    await stage.start(held_tables=OpenTables(*tables), limits=LONG)
    standing = stage.gateway.parts.standing
    await _known(stage)
    for table in tables:
        table.broken = True

    before = await stage.ask(stream=stream, headers=BOB)
    for job in standing.jobs:
        job.hurry()
    await asyncio.sleep(0.05)
    after = await stage.ask(stream=stream, headers=BOB)

    assert all(job.failing for job in standing.jobs)
    assert [answer.status for answer in (before, after)] == [200, 200]
    assert len(stage.vllm.seen) == 2


@MODES
async def test_tables_that_hang_keep_no_client_waiting(stage: Stage, stream: bool) -> None:
    tables = [UnreliableTable() for _ in range(4)]
    stage.vllm.script = speech.stream("Still here")
    await stage.start(held_tables=OpenTables(*tables), limits=LONG)
    for table in tables:
        table.gate.clear()
    for job in stage.gateway.parts.standing.jobs:
        job.hurry()
    await asyncio.sleep(0.01)

    async with asyncio.timeout(LONG_SECONDS / 2):
        assert (await stage.ask(stream=stream)).status == 200
    for table in tables:
        table.gate.set()


async def test_a_key_that_is_revoked_during_a_request_finishes_it_and_begins_no_other(stage: Stage) -> None:
    revoked = asyncio.Event()

    def speaks_on_once_it_is_revoked(_: Seen) -> Script:
        yield speech.HEAD
        yield speech.text("Hel")
        while not revoked.is_set():
            yield PAUSE
        yield from [speech.text("lo"), speech.FINISH, speech.DONE + speech.END]

    stage.vllm.script = speaks_on_once_it_is_revoked
    await stage.start(limits=LONG)
    keyring = stage.gateway.parts.standing.keyring
    keyring.replace({digest(b"sk-bob"): Key("bob")})

    asking = asyncio.create_task(stage.ask(stream=True, headers=BOB))
    await stage.vllm.saw()
    keyring.replace({})
    revoked.set()
    answer, next_one = await asking, await stage.ask(headers=BOB)

    assert (answer.said, answer.events[-1]) == ("Hello", "[DONE]")
    assert (next_one.status, next_one.error["code"]) == (401, "invalid_api_key")


async def test_a_client_that_reads_slowly_holds_the_upstream_back_instead_of_filling_the_memory(stage: Stage) -> None:
    piece = speech.text("x" * 64 * 1024)
    told = 0

    def speaks_without_end(_: Seen) -> Script:
        nonlocal told
        yield speech.HEAD
        while told < 1024:
            told += 1
            yield piece

    stage.vllm.script = speaks_without_end
    await stage.start(limits=LONG)
    await stage.connect_reading(stream=True, receive_buffer_bytes=4096)

    last = -1
    while told != last:
        last = told
        await asyncio.sleep(0.2)

    assert 0 < told * len(piece) < 32 * MEGABYTE, "the rest is in the kernel's buffers"


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
async def test_a_body_of_five_megabytes_is_refused_and_the_next_request_is_understood(
    stage: Stage, declared: bool
) -> None:
    stage.vllm.script = speech.stream("Fine")
    await stage.start(limits=LONG)
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)

    head, _, _ = raw_request(stream=False).partition(b"content-length")
    body = b"x" * (5 * MEGABYTE)
    framing = b"content-length: %d\r\n\r\n" % len(body) if declared else b"transfer-encoding: chunked\r\n\r\n"
    writer.write(head + framing + (body if declared else b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)))
    status, connection = await _head_of_an_answer(reader)

    assert status == 413 and stage.vllm.seen == []
    if connection != "close":
        writer.write(raw_request(stream=False))
        assert (await _head_of_an_answer(reader))[0] == 200
    writer.close()
    assert (await stage.ask()).status == 200


@MODES
async def test_a_clients_deadline_shrinks_every_limit_and_leaves_time_for_another_tier(
    stage: Stage, stream: bool
) -> None:
    stage.vllm.script, stage.openai.script = [HANG], speech.stream("In time")
    await stage.start(limits=LONG, openai=account_at(stage.openai.url, first_content_seconds=LONG_SECONDS))
    began = time.monotonic()

    answer = await stage.ask(stream=stream, headers={"x-request-deadline-seconds": "3"})

    assert (answer.status, answer.headers["x-switchyard-tier"]) == (200, "openai")
    assert answer.headers["x-switchyard-fallback-reason"] == "first_token_timeout"
    assert 0.95 <= time.monotonic() - began < LONG_SECONDS / 2


@MODES
async def test_a_deadline_that_is_over_is_told_and_nobody_else_is_asked(stage: Stage, stream: bool) -> None:
    stage.vllm.script = stage.openai.script = [HANG]
    await stage.start(limits=LONG, cache=None)
    began = time.monotonic()

    answer = await stage.ask(stream=stream, headers={"x-request-deadline-seconds": "0.6"})

    assert answer.status in (502, 504) and answer.error["type"] == "server_error"
    assert 0.35 <= time.monotonic() - began < LONG_SECONDS / 2
    assert all([await seen.was_left() for seen in (stage.vllm.only, stage.openai.only)])


async def _known(stage: Stage) -> None:
    """All that is read beside the requests was read once."""
    standing = stage.gateway.parts.standing
    async with asyncio.timeout(5):
        while any(job.seconds_since_success() is None for job in standing.jobs):  # noqa: ASYNC110 - jobs tell nobody
            await asyncio.sleep(0.005)


async def _head_of_an_answer(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Its status and what it says of the connection; the body is read."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    await reader.readexactly(int(headers["content-length"]))
    return int(first.split()[1]), headers.get("connection", "keep-alive")
