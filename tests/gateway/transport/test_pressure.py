"""A slow reader holds the upstream back, a slow upstream holds a large body back, and neither fills the memory."""

import asyncio

import pytest
from gateway.errors import ConnectionLost
from gateway.upstream.pool import Pool

from tests.gateway.transport.peer import OK, SOON_SECONDS, Visit, answering, ask, body_of, listening, soon, transport
from tests.gateway.transport.wire import ORIGIN, Wire, connected

MEGABYTE = 1 << 20
BODY = bytes(range(256)) * (5 * MEGABYTE // 256)
TOO_LARGE = b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno"


async def test_a_reader_that_rests_stops_the_upstream() -> None:
    sent = 0

    async def handler(visit: Visit) -> None:
        nonlocal sent
        await visit.request()
        visit.writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (64 * MEGABYTE))
        for _ in range(64):
            visit.writer.write(bytes(MEGABYTE))
            await visit.writer.drain()
            sent += 1
        await visit.left()

    async with listening(handler) as peer, transport() as client:
        reply = await client.post(peer.url, {}, b"{}")
        last = -1
        while sent != last:
            last = sent
            await asyncio.sleep(0.1)
        assert sent < 32  # the rest is in the kernel's buffers
        largest = total = 0
        while data := await reply.read():
            largest, total = max(largest, len(data)), total + len(data)
        assert total == 64 * MEGABYTE
        assert largest <= MEGABYTE // 2


async def test_a_connection_whose_reader_rested_is_good_for_the_next_request() -> None:
    wire = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % MEGABYTE
    async with listening(answering(wire + bytes(MEGABYTE))) as peer, transport() as client:
        for _ in range(3):
            reply = await client.post(peer.url, {}, b"{}")
            await asyncio.sleep(0.02)
            assert len(await body_of(reply)) == MEGABYTE
        assert len(peer.visits) == 1


async def test_an_answer_that_ended_unread_does_not_leave_its_connection_deaf() -> None:
    pool, wire = Pool(max_age_seconds=60, idle_seconds=60), Wire()
    connection = connected(pool, wire)
    reply = connection.ask(b"", b"")

    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % MEGABYTE + bytes(MEGABYTE - 1))
    assert not wire.reading
    connection.data_received(b"x")

    assert wire.reading
    assert pool.take(ORIGIN) is connection
    assert len(await body_of(reply)) == MEGABYTE
    await pool.close()


async def test_a_large_body_arrives_whole_and_in_order() -> None:
    seen: list[bytes] = []

    async def handler(visit: Visit) -> None:
        while True:
            seen.append((await visit.request()).partition(b"\r\n\r\n")[2])
            await visit.say(OK)

    async with listening(handler) as peer, transport() as client:
        for _ in range(2):
            assert await body_of(await client.post(peer.url, {}, BODY)) == b"ok"
        assert seen == [BODY, BODY]
        assert len(peer.visits) == 1


async def test_a_large_body_is_given_to_the_loop_as_fast_as_the_upstream_takes_it() -> None:
    async def handler(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        visit.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(60)

    async with listening(handler) as peer, transport() as client:
        asking = asyncio.create_task(client.post(peer.url, {}, BODY * 4))
        await soon(lambda: bool(peer.visits))
        await asyncio.sleep(0.1)
        (connection,) = client._pool._open  # type: ignore[union-attr]
        assert connection._transport.get_write_buffer_size() <= MEGABYTE  # type: ignore[union-attr]
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert connection._outgoing is None


@pytest.mark.parametrize("stays", [True, False], ids=["stays", "leaves"])
async def test_an_upstream_may_refuse_a_body_that_is_still_coming(stays: bool) -> None:
    async def handler(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        await visit.say(TOO_LARGE)
        if stays:
            await asyncio.sleep(SOON_SECONDS)

    async with listening(handler) as peer, transport() as client, asyncio.timeout(SOON_SECONDS):
        for _ in range(5):
            reply = await client.post(peer.url, {}, BODY)
            assert (reply.status, await body_of(reply)) == (413, b"no")
        assert len(peer.visits) == 5  # never on a connection with half a request


async def test_what_an_upstream_has_refused_is_not_sent_to_its_end() -> None:
    got = 0

    async def handler(visit: Visit) -> None:
        nonlocal got
        await visit.reader.readuntil(b"\r\n\r\n")
        await visit.say(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\n")
        while data := await visit.reader.read(MEGABYTE):
            got += len(data)

    async with listening(handler) as peer, transport() as client:
        reply = await client.post(peer.url, {}, BODY * 12)
        await asyncio.sleep(0.3)
        reply.abort()
        assert await peer.was_left()
    assert got < len(BODY * 12)


async def test_an_answer_before_the_end_of_the_request_does_not_cut_the_request() -> None:
    seen: list[bytes] = []

    async def handler(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        await visit.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        seen.append(await visit.reader.readexactly(len(BODY)))
        await visit.say(b"2\r\nok\r\n0\r\n\r\n")
        await visit.left()

    async with listening(handler) as peer, transport() as client:
        assert await body_of(await client.post(peer.url, {}, BODY)) == b"ok"
    assert seen == [BODY]


async def test_an_upstream_that_dies_while_it_is_written_to_is_lost() -> None:
    async def handler(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")

    async with listening(handler) as peer, transport() as client, asyncio.timeout(SOON_SECONDS):
        with pytest.raises(ConnectionLost):
            await client.post(peer.url, {}, BODY)


async def test_requests_do_not_wait_for_each_other() -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        await soon(lambda: len(peer.visits) == 50)
        await visit.say(OK)

    async with listening(handler) as peer, transport() as client, asyncio.timeout(SOON_SECONDS):
        assert await asyncio.gather(*[ask(client, peer) for _ in range(50)]) == [b"ok"] * 50
