"""Which connections are kept for the next request, for how long, and when a request may be sent twice."""

import asyncio
import socket
import struct

import pytest
from gateway.errors import ConnectFailed, ConnectionLost

from tests.gateway.transport.peer import OK, Visit, answering, ask, body_of, listening, open_files, soon, transport


async def test_the_connection_used_last_is_used_next() -> None:
    served: list[int] = []

    async def handler(visit: Visit) -> None:
        while True:
            await visit.request()
            served.append(visit.number)
            await asyncio.sleep(0.01 * visit.number)
            await visit.say(OK)

    async with listening(handler) as peer, transport() as client:
        await asyncio.gather(ask(client, peer), ask(client, peer), ask(client, peer))
        for _ in range(3):
            await ask(client, peer)
    assert sorted(served[:3]) == [1, 2, 3]
    assert served[3:] == [3, 3, 3]


async def test_an_idle_connection_is_closed_after_a_while() -> None:
    async with listening(answering(OK)) as peer, transport(idle_seconds=0.05) as client:
        await ask(client, peer)
        assert await peer.was_left()


async def test_an_idle_connection_is_closed_before_it_is_too_old() -> None:
    async with listening(answering(OK)) as peer, transport(max_age_seconds=0.1, idle_seconds=9) as client:
        await ask(client, peer)
        assert await peer.was_left()


async def test_one_connection_that_stays_idle_does_not_keep_another_from_being_closed() -> None:
    async with (
        listening(answering(OK)) as first,
        listening(answering(OK)) as second,
        transport(idle_seconds=0.2) as client,
    ):
        await ask(client, first)
        await asyncio.sleep(0.1)
        await ask(client, second)
        assert await first.was_left()
        assert await second.was_left()


async def test_a_server_that_asks_for_it_gets_a_new_connection_each_time() -> None:
    closing = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
    async with listening(answering(closing)) as peer, transport() as client:
        assert [await ask(client, peer), await ask(client, peer)] == [b"ok", b"ok"]
        assert len(peer.visits) == 2


async def test_an_idle_connection_that_the_server_closed_is_not_used() -> None:
    async with listening(answering(OK, then_close=True)) as peer, transport() as client:
        for _ in range(3):
            assert await ask(client, peer) == b"ok"
            await asyncio.sleep(0.05)
        assert len(peer.visits) == 3


@pytest.mark.parametrize("how", ["reset", "end"])
async def test_a_request_that_a_closed_connection_swallowed_is_sent_once_more(how: str) -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        await visit.say(OK)
        await visit.request()
        if visit.number == 1:  # as if it had been closed before the request came
            _end(visit, how)
        else:
            await visit.say(OK)

    async with listening(handler) as peer, transport() as client:
        assert [await ask(client, peer), await ask(client, peer)] == [b"ok", b"ok"]
        assert len(peer.visits) == 2


async def test_it_is_sent_twice_and_no_more() -> None:
    seen: list[int] = []

    async def handler(visit: Visit) -> None:
        while True:
            await visit.request()
            seen.append(visit.number)
            if len(seen) > 1:
                _end(visit, "reset")
                return
            await visit.say(OK)

    async with listening(handler) as peer, transport() as client:
        await ask(client, peer)
        with pytest.raises(ConnectionLost):
            await ask(client, peer)
    assert seen == [1, 1, 2]


async def test_a_server_that_is_gone_meanwhile_refuses() -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        await visit.say(OK)
        await visit.request()
        peer.stop()
        _end(visit, "reset")

    async with listening(handler) as peer, transport() as client:
        await ask(client, peer)
        with pytest.raises(ConnectFailed):
            await ask(client, peer)


async def test_a_new_connection_that_is_lost_is_not_tried_again() -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        _end(visit, "reset")

    async with listening(handler) as peer, transport() as client:
        with pytest.raises(ConnectionLost):
            await ask(client, peer)
        assert len(peer.visits) == 1


@pytest.mark.parametrize("heard", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_a_server_that_had_begun_to_answer_is_not_asked_again(heard: bytes) -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        await visit.say(OK)
        await visit.request()
        await visit.say(heard)
        _end(visit, "reset")

    async with listening(handler) as peer, transport() as client:
        await ask(client, peer)
        with pytest.raises(ConnectionLost):
            await ask(client, peer)
        assert len(peer.visits) == 1


async def test_a_server_that_worked_on_the_request_before_it_died_is_not_asked_again() -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        await visit.say(OK)
        await visit.request()
        await asyncio.sleep(0.55)
        _end(visit, "reset")

    async with listening(handler) as peer, transport() as client:
        await ask(client, peer)
        with pytest.raises(ConnectionLost):
            await ask(client, peer)
        assert len(peer.visits) == 1


@pytest.mark.parametrize(("late_seconds", "kept"), [(0.0, True), (0.02, True), (0.4, False)])
async def test_the_end_of_an_answer_is_waited_for_a_little(late_seconds: float, kept: bool) -> None:
    async def handler(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n")
            await asyncio.sleep(late_seconds)
            await visit.say(b"0\r\n\r\n")

    async with listening(handler) as peer, transport() as client:
        for _ in range(2):
            reply = await client.post(peer.url, {}, b"{}")
            assert await reply.read() == b"ok"
            await reply.finish()
        assert len(peer.visits) == (1 if kept else 2)


async def test_an_answer_that_is_dropped_after_its_end_costs_no_connection() -> None:
    async with listening(answering(OK)) as peer, transport() as client:
        for _ in range(3):
            reply = await client.post(peer.url, {}, b"{}")
            reply.abort()
        assert len(peer.visits) == 1


async def test_an_answer_that_is_over_cannot_close_the_connection_of_the_next() -> None:
    async with listening(answering(OK)) as peer, transport() as client:
        first = await client.post(peer.url, {}, b"{}")
        assert await body_of(first) == b"ok"
        second = await client.post(peer.url, {}, b"{}")
        first.abort()
        await first.finish()
        assert await body_of(second) == b"ok"
        assert len(peer.visits) == 1


async def test_closing_the_transport_leaves_no_connection_open() -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        await visit.say(OK)
        await visit.request()
        await visit.say(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok")
        await visit.left()

    async with listening(handler) as peer:
        await asyncio.sleep(0)
        before = open_files()
        async with transport() as client:
            await asyncio.gather(ask(client, peer), ask(client, peer))
            reply = await client.post(peer.url, {}, b"{}")
        await asyncio.gather(peer.was_left(), peer.was_left())
        await soon(lambda: open_files() == before)
        assert await reply.read() == b"ok"
        with pytest.raises(ConnectionLost):
            await reply.read()


async def test_origins_share_no_connection() -> None:
    async with listening(answering(OK)) as first, listening(answering(OK)) as second, transport() as client:
        for peer in (first, second, first, second):
            await ask(client, peer)
        assert (len(first.visits), len(second.visits)) == (1, 1)


def _end(visit: Visit, how: str) -> None:
    if how == "reset":
        linger = struct.pack("ii", 1, 0)
        visit.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    visit.writer.transport.abort()
