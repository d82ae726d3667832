"""A client that leaves takes its work at the upstream with it, in every phase, and no other tier is asked."""

import asyncio
from dataclasses import replace

import pytest

from tests.gateway import speech
from tests.gateway.stage import LIMITS, Stage, raw_request
from tests.gateway.upstream import HANG, Script

PHASES: dict[str, Script] = {
    "before the head": [HANG],
    "before the first content": [speech.HEAD, speech.ROLE, HANG],
    "in the middle": [speech.HEAD, speech.text("Hel"), HANG],
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("phase", PHASES)
async def test_a_client_that_leaves_cancels_the_upstream(stage: Stage, phase: str, stream: bool) -> None:
    stage.vllm.script = PHASES[phase]
    await stage.start()

    client = await stage.connect(stream=stream)
    await stage.vllm.saw()
    await asyncio.sleep(0.05)
    client.close()

    assert await stage.vllm.only.was_left()
    await asyncio.sleep(0.02)
    assert stage.openai.seen == []
    (line,) = stage.logged()
    assert line["ended"] == "client_gone"


async def test_a_client_that_leaves_cancels_the_paid_tier_too(stage: Stage) -> None:
    stage.vllm.script = speech.error(500)
    stage.openai.script = [HANG]
    await stage.start()

    client = await stage.connect(stream=False)
    await stage.openai.saw()
    client.close()

    assert await stage.openai.only.was_left()


async def test_a_client_that_leaves_while_it_sends_is_only_noted(stage: Stage) -> None:
    await stage.start()

    _, client = await asyncio.open_connection("127.0.0.1", stage.port)
    client.write(raw_request(stream=False)[:-10])
    await client.drain()
    await asyncio.sleep(0.05)
    client.close()
    await asyncio.sleep(0.05)

    (line,) = stage.logged()
    assert (line["ended"], stage.vllm.seen) == ("client_gone", [])


async def test_nothing_stays_in_flight_after_clients_left(stage: Stage) -> None:
    stage.vllm.script = [HANG]
    await stage.start()

    clients = [await stage.connect(stream=True) for _ in range(5)]
    await stage.vllm.saw(5)
    assert await stage.metric("switchyard_in_flight") == 5
    for client in clients:
        client.close()
    assert all([await seen.was_left() for seen in stage.vllm.seen])

    assert await stage.metric("switchyard_in_flight") == 0


async def test_a_slow_reader_is_not_a_stalled_upstream(stage: Stage) -> None:
    word = "x" * 20_000
    stage.vllm.script = [speech.HEAD, *[speech.text(word)] * 400, speech.FINISH, speech.DONE + speech.END]
    await stage.start()

    reader, _ = await stage.connect_reading(stream=True, receive_buffer_bytes=4096)
    await asyncio.sleep(0.5)  # longer than the limit between chunks
    body = bytearray()
    while not body.endswith(b"0\r\n\r\n"):
        body += await reader.read(1 << 20)

    assert b"[DONE]" in body and b"stream_incomplete" not in body


async def test_a_client_that_does_not_read_keeps_no_connection_when_its_time_is_over(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, *[speech.text("x" * 200_000)] * 100, HANG]
    await stage.start(limits=replace(LIMITS, total_seconds=0.5))

    _, writer = await stage.connect_reading(stream=True, receive_buffer_bytes=4096)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    await stage.vllm.saw()
    assert len(stage.gateway.public._state.connections) == 1
    await asyncio.sleep(2.0)  # its time, and that of our last words

    assert not stage.gateway.public._state.connections
    assert stage.logged()[0]["ended"] == "incomplete"
