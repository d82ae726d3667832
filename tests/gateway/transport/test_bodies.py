"""Where an answer ends, however it is framed and however it is cut into packets."""

import pytest
from gateway.errors import ConnectionLost

from tests.gateway.transport.peer import OK, Visit, answering, ask, body_of, listening, transport

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"

WHOLE = {
    "length": HEAD + b"content-length: 5\r\n\r\nhello",
    "chunked": CHUNKED + b"2\r\nhe\r\n3;ext=1\r\nllo\r\n0\r\n\r\n",
    "trailers": CHUNKED + b"5\r\nhello\r\n0\r\ncontent-type: text/odd\r\nx: y\r\n\r\n",
    "informational first": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
    + HEAD
    + b"content-length: 5\r\n\r\nhello",
    "case of names": HEAD + b"Content-LENGTH:5\r\n\r\nhello",
    "upgrade offered": HEAD + b"upgrade: h2\r\nconnection: Upgrade\r\ncontent-length: 5\r\n\r\nhello",
}
CUT = {
    "length": HEAD + b"content-length: 9\r\n\r\nhello",
    "chunked": CHUNKED + b"5\r\nhello\r\n",
    "last chunk": CHUNKED + b"5\r\nhello\r\n0\r\n",
}


@pytest.mark.parametrize("packets", ["one packet", "single bytes"])
@pytest.mark.parametrize("framing", WHOLE)
async def test_an_answer_is_read_to_its_end_and_its_connection_kept(framing: str, packets: str) -> None:
    wire = WHOLE[framing]
    pieces = [wire] if packets == "one packet" else [wire[i : i + 1] for i in range(len(wire))]
    async with listening(answering(*pieces)) as peer, transport() as client:
        assert [await ask(client, peer), await ask(client, peer)] == [b"hello", b"hello"]
        assert len(peer.visits) == 1


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
async def test_a_body_without_a_length_ends_with_the_connection(version: bytes) -> None:
    wire = version + b" 200 OK\r\ncontent-type: text/plain\r\n\r\n"
    async with listening(answering(wire, b"hel", b"lo", then_close=True)) as peer, transport() as client:
        assert [await ask(client, peer), await ask(client, peer)] == [b"hello", b"hello"]
        assert len(peer.visits) == 2


@pytest.mark.parametrize("framing", CUT)
async def test_an_answer_that_is_cut_is_never_whole(framing: str) -> None:
    async with listening(answering(CUT[framing], then_close=True)) as peer, transport() as client:
        reply = await client.post(peer.url, {}, b"{}")
        assert await reply.read() == b"hello"
        with pytest.raises(ConnectionLost):
            await reply.read()


async def test_an_empty_answer_has_an_end() -> None:
    async with listening(answering(b"HTTP/1.1 204 No Content\r\n\r\n")) as peer, transport() as client:
        assert [await ask(client, peer), await ask(client, peer)] == [b"", b""]
        assert len(peer.visits) == 1


async def test_a_head_is_told_without_its_body() -> None:
    wire = b"HTTP/1.1 429 Slow Down\r\nContent-Type: text/odd\r\nRETRY-AFTER: 7\r\ncontent-length: 2\r\n\r\n"
    async with listening(answering(wire)) as peer, transport() as client:
        reply = await client.post(peer.url, {}, b"{}")
        assert (reply.status, reply.content_type, reply.retry_after) == (429, "text/odd", "7")
        reply.abort()


async def test_a_head_says_nothing_about_the_next_answer() -> None:
    wires = [b"HTTP/1.1 503 No\r\nretry-after: 7\r\ncontent-type: a/b\r\ncontent-length: 0\r\n\r\n", OK]

    async def handler(visit: Visit) -> None:
        for wire in wires:
            await visit.request()
            await visit.say(wire)

    async with listening(handler) as peer, transport() as client:
        first = await client.post(peer.url, {}, b"{}")
        assert await body_of(first) == b""
        second = await client.post(peer.url, {}, b"{}")
        assert (second.status, second.content_type, second.retry_after) == (200, "", None)


async def test_reading_after_the_end_stays_at_the_end() -> None:
    async with listening(answering(OK)) as peer, transport() as client:
        reply = await client.post(peer.url, {}, b"{}")
        assert [await reply.read(), await reply.read(), await reply.read()] == [b"ok", b"", b""]


async def test_a_get_has_no_body() -> None:
    seen: list[bytes] = []

    async def handler(visit: Visit) -> None:
        seen.append(await visit.request())
        await visit.say(OK)

    async with listening(handler) as peer, transport() as client:
        assert await body_of(await client.get(peer.url, {"accept": "text/plain"})) == b"ok"
    assert seen == [f"GET /v1 HTTP/1.1\r\nhost: 127.0.0.1:{peer.port}\r\naccept: text/plain\r\n\r\n".encode()]
