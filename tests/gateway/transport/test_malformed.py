"""What is not HTTP, or more of it than anyone sends, is a lost connection: never an answer, never memory."""

import pytest
from gateway.errors import ConnectionLost

from tests.gateway.transport.peer import OK, Visit, answering, ask, listening, transport

HEAD = b"HTTP/1.1 200 OK\r\n"
HUGE = b"x" * 70_000

NO_ANSWER = {
    "not http": b"SSH-2.0-OpenSSH_9.6\r\n",
    "another version": b"HTTP/7.1 200 OK\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "bad header": HEAD + b"no colon here\r\n\r\n",
    "bad length": HEAD + b"content-length: five\r\n\r\n",
    "two lengths": HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\nok",
    "length and chunked": HEAD + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "compressed in transfer": HEAD + b"transfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "upgraded": b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "endless header": HEAD + b"x: " + HUGE,
    "endless headers": HEAD + b"".join(b"x-%d: y\r\n" % number for number in range(9000)),
    "endless informational": b"HTTP/1.1 100 Continue\r\n\r\n" * 4000,
}
NO_END = {
    "bad chunk": b"zz\r\nhello\r\n",
    "chunk too long": b"2\r\nhello\r\n0\r\n\r\n",
    "endless extension": b"2;" + HUGE,
    "endless trailers": b"0\r\n" + b"".join(b"x-%d: y\r\n" % number for number in range(9000)),
}


@pytest.mark.parametrize("what", NO_ANSWER)
async def test_a_malformed_head_is_a_lost_connection(what: str) -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        await visit.say(NO_ANSWER[what])
        await visit.left()

    async with listening(handler) as peer, transport() as client:
        with pytest.raises(ConnectionLost):
            await client.post(peer.url, {}, b"{}")
        assert await peer.was_left()


@pytest.mark.parametrize("what", NO_END)
async def test_a_malformed_body_is_a_lost_connection(what: str) -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        await visit.say(HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\nok\r\n", NO_END[what])
        await visit.left()

    async with listening(handler) as peer, transport() as client:
        reply = await client.post(peer.url, {}, b"{}")
        with pytest.raises(ConnectionLost):
            while True:
                assert await reply.read() != b""
        assert await peer.was_left()


async def test_more_than_was_asked_for_is_never_the_next_answer() -> None:
    async with listening(answering(OK + OK)) as peer, transport() as client:
        assert [await ask(client, peer), await ask(client, peer)] == [b"ok", b"ok"]
        assert len(peer.visits) == 2


async def test_an_upstream_that_speaks_unasked_is_left() -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        await visit.say(OK)
        await visit.say(OK.replace(b"ok", b"no"))
        await visit.left()

    async with listening(handler) as peer, transport() as client:
        assert await ask(client, peer) == b"ok"
        assert await peer.was_left()
        assert await ask(client, peer) == b"ok"
