"""A caller that leaves, in whatever phase, takes its connection with it at once and leaves nothing behind."""

import asyncio
import gc
import ssl

import pytest
from gateway.errors import ConnectionLost
from gateway.upstream.client import Transport

from tests.gateway.transport.peer import (
    OK,
    Peer,
    Visit,
    answering,
    ask,
    dropping,
    listening,
    open_files,
    silent,
    soon,
    transport,
)

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def _begun(visit: Visit) -> None:
    await visit.request()
    await visit.say(HEAD, b"2\r\nok\r\n")
    await visit.left()


async def _waits_for_the_head(client: Transport, peer: Peer) -> None:
    await client.post(peer.url, {}, b"{}")


async def _waits_for_the_body(client: Transport, peer: Peer) -> None:
    reply = await client.post(peer.url, {}, b"{}")
    while await reply.read():
        pass


async def _finishes(client: Transport, peer: Peer) -> None:
    await (await client.post(peer.url, {}, b"{}")).finish()


async def _writes(client: Transport, peer: Peer) -> None:
    await client.post(peer.url, {}, bytes(8 << 20))


async def _shakes_hands(client: Transport, peer: Peer) -> None:
    await client.post(peer.url.replace("http:", "https:"), {}, b"{}")


PHASES = {
    "handshake": (silent, _shakes_hands),
    "writing": (silent, _writes),
    "head": (silent, _waits_for_the_head),
    "body": (_begun, _waits_for_the_body),
    "finish": (_begun, _finishes),
}


@pytest.mark.parametrize("phase", PHASES)
async def test_leaving_closes_the_connection_at_once(phase: str) -> None:
    handler, asks = PHASES[phase]
    async with listening(handler) as peer, transport(connect_seconds=60, tls=TLS) as client:
        files, tasks = open_files(), len(asyncio.all_tasks())
        asking = asyncio.create_task(asks(client, peer))
        await soon(lambda: bool(peer.visits))
        await asyncio.sleep(0.03)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await peer.was_left()
        await soon(lambda: (open_files(), len(asyncio.all_tasks())) == (files, tasks))


async def test_leaving_while_connecting_leaves_no_socket() -> None:
    async with dropping() as port, transport(connect_seconds=60) as client:
        await asyncio.sleep(0.01)
        gc.collect()
        files = open_files()
        asking = [asyncio.create_task(client.post(f"http://127.0.0.1:{port}/", {}, b"")) for _ in range(5)]
        await asyncio.sleep(0.03)
        assert open_files() >= files + 5
        for task in asking:
            task.cancel()
        assert {type(ended) for ended in await asyncio.gather(*asking, return_exceptions=True)} == {
            asyncio.CancelledError
        }
        await soon(lambda: open_files() < files + 5)
        await soon(lambda: open_files() <= files + 1)  # uvloop opens one for itself with its first connection


@pytest.mark.parametrize("after_turns", range(12))
async def test_leaving_in_any_turn_of_the_loop_leaves_nothing(after_turns: int) -> None:
    """Also between the arrival of a connection or an answer and the moment in which it is noticed."""
    async with listening(answering(OK)) as peer, transport(idle_seconds=9) as client:
        await ask(client, peer)
        for fresh in (False, True):
            asking = [asyncio.create_task(ask(client, peer)) for _ in range(3 if fresh else 1)]
            for _ in range(after_turns):
                await asyncio.sleep(0)
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        assert await ask(client, peer) == b"ok"
        pool = client._pool
        assert pool is not None
        await soon(lambda: len(pool._open) == sum(len(free) for free in pool._idle.values()))
        assert all(connection.usable for connection in pool._open)


async def test_aborted_streams_leave_neither_files_nor_tasks_nor_objects() -> None:
    async with listening(_begun) as peer, transport() as client:
        gc.collect()
        files, tasks = open_files(), len(asyncio.all_tasks())
        gc.disable()
        try:
            for _ in range(100):
                reply = await client.post(peer.url, {}, b"{}")
                assert await reply.read() == b"ok"
                reply.abort()
            await soon(lambda: (open_files(), len(asyncio.all_tasks())) == (files, tasks))
            pool = client._pool
            assert pool is not None and not pool._open
            names = [type(found).__name__ for found in gc.get_objects()]
        finally:
            gc.enable()
        assert names.count("Connection") + names.count("Answers") <= 4  # none waits for a garbage collection


async def test_an_answer_that_was_aborted_gives_no_more() -> None:
    async with listening(_begun) as peer, transport() as client:
        reply = await client.post(peer.url, {}, b"{}")
        reply.abort()
        with pytest.raises(ConnectionLost):
            await reply.read()
        await reply.finish()
        reply.abort()
