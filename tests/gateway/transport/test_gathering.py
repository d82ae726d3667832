"""Bytes that may wait for more are read together, and none waits for ever."""

import asyncio

from gateway.upstream.reply import UNREAD_LIMIT_BYTES, Reply

LONG = 1000.0


class Source:
    """A connection that does nothing."""

    def abort(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


def replying(gather_seconds: float) -> Reply:
    reply = Reply(Source(), asyncio.get_running_loop())
    reply.begin(200, "text/event-stream", None)
    reply.gather_seconds = gather_seconds
    return reply


async def waiting(reply: Reply) -> "asyncio.Task[bytes]":
    task = asyncio.create_task(reply.read())
    await asyncio.sleep(0)
    return task


async def test_what_comes_within_the_time_is_read_together() -> None:
    reply = replying(0.01)
    reading = await waiting(reply)

    reply.feed(b"one ")
    reply.feed(b"two")

    assert await reading == b"one two"


async def test_it_waits_no_longer_though_the_answer_goes_on() -> None:
    reply = replying(0.001)
    for piece in (b"one", b"two"):
        reading = await waiting(reply)
        reply.feed(piece)
        assert await reading == piece


async def test_the_end_waits_for_nothing() -> None:
    reply = replying(LONG)
    reading = await waiting(reply)

    reply.feed(b"one")
    reply.end()

    assert await reading == b"one"
    assert await reply.read() == b""


async def test_no_more_than_the_limit_waits() -> None:
    reply = replying(LONG)
    reading = await waiting(reply)

    reply.feed(b"x" * UNREAD_LIMIT_BYTES)
    reply.feed(b"x")

    assert len(await reading) == UNREAD_LIMIT_BYTES + 1
