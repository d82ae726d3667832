"""What a client of HTTP/1.0 gets: it knows neither chunks nor connections that are kept."""

import pytest

from tests.gateway.listener.wire import listening


def request(path: bytes, *lines: bytes, version: bytes = b"1.0") -> bytes:
    return b"\r\n".join([b"GET %s HTTP/%s" % (path, version), b"host: x", *lines, b"", b""])


@pytest.mark.parametrize("wish", [[], [b"connection: keep-alive"]], ids=["", "asks to keep the connection"])
@pytest.mark.parametrize("version", [b"1.0", b"0.9"])
async def test_an_answer_without_a_length_ends_with_the_connection_and_has_no_chunks(
    version: bytes, wish: list[bytes]
) -> None:
    async with listening() as scene, scene.client() as client:
        await client.say(request(b"/stream", *wish, version=version))
        head, _, body = (await client.rest()).partition(b"\r\n\r\n")
        assert body == b"/stream/stream"
        assert b"\r\nconnection: close" in head
        assert b"transfer-encoding" not in head


async def test_an_answer_without_a_length_comes_piece_by_piece() -> None:
    async with listening() as scene, scene.client() as client:
        scene.app.go.clear()
        await client.say(request(b"/stream"))
        await client.heard(b"\r\n\r\n/stream")
        scene.app.go.set()
        assert await client.rest() == b"/stream"


async def test_an_answer_that_declares_its_length_does_so_to_everybody() -> None:
    async with listening() as scene, scene.client() as client:
        await client.say(request(b"/"))
        head, _, body = (await client.rest()).partition(b"\r\n\r\n")
        assert (body, b"\r\ncontent-length: 2" in head, b"\r\nconnection: close" in head) == (b"//", True, True)


async def test_a_client_of_http_1_1_gets_chunks_and_keeps_its_connection() -> None:
    async with listening() as scene, scene.client() as client:
        for _ in range(2):
            await client.say(request(b"/stream", version=b"1.1"))
            assert b"\r\ntransfer-encoding: chunked\r\n" in await client.heard(b"0\r\n\r\n")
