"""How long, and how much, a request's head is waited for, and what that never touches."""

import asyncio

import pytest
from gateway import http_protocol

from tests.gateway.listener.wire import GET, HEAD_BYTES, HEAD_SECONDS, Client, Scene, listening

LATE = b"The request's head was not complete after 0.15 s."
LARGE = b"The request's head is larger than 2048 bytes."
DRIP = [b"G", b"ET / ", b"HTTP/1.1\r\n", b"a: b\r\n"] + [b"c: d\r\n"] * 30


def head_of(size: int, path: bytes = b"/") -> bytes:
    begin, end = b"GET %s HTTP/1.1\r\nhost: x\r\nfiller: " % path, b"\r\n\r\n"
    return begin + b"y" * (size - len(begin) - len(end)) + end


async def answered(client: Client, path: bytes = b"/") -> bytes:
    """Head and body of a 200."""
    return await client.heard(b"\r\n\r\n" + path * 2)


def refusal(said: bytes, status: bytes, message: bytes) -> bool:
    head, _, body = said.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    expected = {b"content-type: text/plain; charset=utf-8", b"connection: close", b"content-length: %d" % len(message)}
    assert expected <= set(lines)
    assert any(line.startswith(b"date: ") for line in lines)
    return lines[0] == b"HTTP/1.1 " + status and body == message


async def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_connection_that_says_nothing_is_closed_without_a_word() -> None:
    async with listening() as scene, scene.client() as client:
        began = await now()
        assert await client.rest() == b""
        assert HEAD_SECONDS - 0.01 <= await now() - began < 1


@pytest.mark.parametrize("before", [b"", GET], ids=["a new connection", "a kept connection"])
async def test_a_head_that_does_not_come_in_time_is_answered_408_however_busily_it_drips(before: bytes) -> None:
    async with listening() as scene, scene.client() as client:
        if before:
            await client.say(before)
            await answered(client)
        began = await now()
        dripping = asyncio.create_task(client.say(*DRIP))
        assert refusal(await client.rest(), b"408 Request Timeout", LATE)
        assert HEAD_SECONDS - 0.01 <= await now() - began < 1
        await asyncio.gather(dripping, return_exceptions=True)


async def test_empty_lines_are_no_head_and_do_not_keep_a_new_connection() -> None:
    async with listening() as scene, scene.client() as client:
        dripping = asyncio.create_task(client.say(*[b"\r\n"] * 30))
        assert await client.was_closed()
        await asyncio.gather(dripping, return_exceptions=True)


async def test_a_head_in_many_pieces_is_answered_when_it_comes_in_time() -> None:
    async with listening() as scene, scene.client() as client:
        for _ in range(2):
            await client.say(GET[:3], GET[3:20], GET[20:-1], GET[-1:])
            await answered(client)


@pytest.mark.parametrize("piece_bytes", [1 << 20, 700, 64])
@pytest.mark.parametrize("before", [b"", GET], ids=["a new connection", "a kept connection"])
async def test_a_head_of_exactly_the_limit_is_answered_and_one_that_is_larger_is_not(
    before: bytes, piece_bytes: int
) -> None:
    async with listening() as scene, scene.client() as client:
        if before:
            await client.say(before)
            await answered(client)
        for size in (HEAD_BYTES, HEAD_BYTES + 1):
            head = head_of(size)
            pieces = [head[at : at + piece_bytes] for at in range(0, size, piece_bytes)]
            await client.say(*pieces, pause_seconds=0)
            if size == HEAD_BYTES:
                await answered(client)
        assert refusal(await client.rest(), b"431 Request Header Fields Too Large", LARGE)


async def test_a_client_that_sends_much_more_still_reads_why_it_was_refused() -> None:
    async with listening() as scene, scene.client() as client:
        client.writer.write(head_of(500_000))
        assert refusal(await client.rest(), b"431 Request Header Fields Too Large", LARGE)


async def test_a_client_that_goes_on_sending_after_its_refusal_is_cut_off_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_protocol, "_LINGER_SECONDS", 0.05)
    async with listening() as scene, scene.client() as client:
        await client.say(head_of(HEAD_BYTES + 1))
        assert await client.is_cut_off()


async def test_what_is_not_http_is_answered_400() -> None:
    async with listening() as scene, scene.client() as client:
        await client.say(b"\x16\x03\x01 hello\r\n\r\n")
        assert refusal(await client.rest(), b"400 Bad Request", b"Invalid HTTP request received.")


async def test_an_idle_connection_lives_as_long_as_its_keep_alive_says() -> None:
    async with listening(keep_alive_seconds=0.5) as scene, scene.client() as client:
        await client.say(GET)
        await answered(client)
        assert await client.stays(2 * HEAD_SECONDS)
        await client.say(GET)
        await answered(client)
        began = await now()
        assert await client.rest() == b""
        assert 0.45 <= await now() - began < 1


async def test_a_body_that_comes_after_its_answer_leaves_the_connection_its_keep_alive() -> None:
    async with listening(keep_alive_seconds=0.5) as scene, scene.client() as client:
        await client.say(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n")
        await answered(client)
        await client.say(b"hello")
        assert await client.stays(2 * HEAD_SECONDS)
        assert await client.rest() == b""


async def test_a_body_may_take_longer_and_be_larger_than_a_head() -> None:
    async with listening() as scene, scene.client() as client:
        await client.say(b"POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (HEAD_BYTES * 10 + 1))
        await asyncio.sleep(2 * HEAD_SECONDS)
        await client.say(b"z" * HEAD_BYTES * 10, b"z")
        await answered(client, b"/read")
        await client.say(GET)
        await answered(client)


async def test_a_body_that_is_not_http_is_answered_400_at_once() -> None:
    async with listening() as scene, scene.client() as client:
        await client.say(b"POST /read HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzzz\r\n")
        assert (await client.rest()).startswith(b"HTTP/1.1 400 Bad Request\r\n")


async def held(scene: Scene, client: Client, behind: bytes) -> None:
    """A request whose answer has begun, and what was sent behind it."""
    scene.app.go.clear()
    await client.say(b"GET /first HTTP/1.1\r\nhost: x\r\n\r\n" + behind)
    await client.heard(b"\r\n\r\n/first")
    assert await client.stays(2 * HEAD_SECONDS)
    scene.app.go.set()


async def test_an_answer_may_take_longer_than_a_head() -> None:
    async with listening() as scene, scene.client() as client:
        await held(scene, client, b"")
        await client.heard(b"/first")
        assert await client.stays(2 * HEAD_SECONDS)


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with listening() as scene, scene.client() as client:
        await held(scene, client, GET.replace(b"/ ", b"/second ") + head_of(HEAD_BYTES, b"/third"))
        assert (await client.heard(b"/first")).endswith(b"/first")
        await answered(client, b"/second")
        await answered(client, b"/third")


async def test_the_bytes_before_a_head_are_not_counted_as_its_own() -> None:
    async with listening() as scene, scene.client() as client:
        await client.say(b"POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (HEAD_BYTES - 100))
        head = head_of(HEAD_BYTES // 2)
        await client.say(b"z" * (HEAD_BYTES - 100) + head[:200])
        await answered(client, b"/read")
        await client.say(head[200:])
        await answered(client)


async def test_half_a_head_behind_a_request_is_waited_for_from_the_answer_on() -> None:
    async with listening() as scene, scene.client() as client:
        await held(scene, client, GET[:10])
        await client.say(GET[10:])
        await client.heard(b"/first")
        await answered(client)
        await held(scene, client, GET[:10])
        assert refusal((await client.rest()).removeprefix(b"/first"), b"408 Request Timeout", LATE)


@pytest.mark.parametrize("behind", [head_of(3 * HEAD_BYTES), b"GET\0\r\n\r\n"], ids=["too large", "not HTTP"])
async def test_what_is_wrong_behind_a_request_ends_the_connection_after_its_answer(behind: bytes) -> None:
    async with listening() as scene, scene.client() as client:
        await held(scene, client, behind)
        assert await client.rest() == b"/first"
        assert scene.app.seen == ["/first"]
