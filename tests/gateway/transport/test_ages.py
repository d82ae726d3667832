"""Connections to upstreams: how old they get, and that none is left open."""

import asyncio

from gateway.upstream.client import MAX_CONNECTION_AGE_SECONDS, Transport
from gateway.upstream.reply import Reply

from tests.gateway import speech
from tests.gateway.upstream import HANG, PAUSE, Upstream


async def test_a_connection_is_replaced_when_its_time_is_over() -> None:
    async with Upstream().open() as upstream:
        upstream.script = speech.completion()
        transport = Transport(connect_seconds=1, max_age_seconds=0.05)

        for pause in (0.0, 0.1, 0.0):
            await _get(transport, upstream)
            await asyncio.sleep(pause)
        await transport.close()

    assert [seen.connection for seen in upstream.seen] == [1, 1, 2]


async def test_a_stream_outlives_the_time_of_its_connection() -> None:
    async with Upstream().open() as upstream:
        upstream.script = [speech.HEAD, speech.text("a"), *[PAUSE] * 4, speech.text("b"), speech.END]
        transport = Transport(connect_seconds=1, max_age_seconds=0.05)

        reply = await transport.post(upstream.url, {}, b"{}")
        await asyncio.sleep(0.06)
        body, again = await asyncio.gather(_read(reply), _get(transport, upstream))
        await transport.close()

    assert body == again and b'"b"' in body


async def test_an_answer_that_is_dropped_closes_its_connection() -> None:
    async with Upstream().open() as upstream:
        upstream.script = [speech.HEAD, HANG]
        transport = Transport(connect_seconds=1)

        reply = await transport.post(upstream.url, {}, b"{}")
        reply.abort()

        assert await upstream.only.was_left()
        await transport.close()


def test_no_connection_gets_older_than_a_minute() -> None:
    assert MAX_CONNECTION_AGE_SECONDS <= 60


async def _get(transport: Transport, upstream: Upstream) -> bytes:
    return await _read(await transport.post(upstream.url, {}, b"{}"))


async def _read(reply: Reply) -> bytes:
    body = bytearray()
    while data := await reply.read():
        body += data
    reply.abort()
    return bytes(body)
