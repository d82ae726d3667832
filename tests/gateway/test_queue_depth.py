"""What is known of vLLM's queue: what its page says, and for how long that is believed."""

import asyncio
from collections.abc import Callable

import pytest
from gateway import queue_depth
from gateway.queue_depth import QueueDepth, QueueUnread, waiting_requests
from gateway.upstream.client import Transport

from tests.gateway.transport.peer import Handler, Visit, answering, listening, silent, transport

PAGE = b"""# HELP vllm:num_requests_waiting Number of requests waiting to be processed.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="a} 7"} 3.0
vllm:num_requests_waiting{engine="1",model_name="a"} 1e+01
vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 99.0
vllm:num_requests_running{engine="0"} 55.0
"""


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def page(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n%s" % (status, len(body), body)


def depth_of(client: Transport, port: int, clock: Callable[[], float]) -> QueueDepth:
    return QueueDepth(client, f"http://127.0.0.1:{port}", clock)


async def unread(handler: Handler) -> str:
    async with listening(handler) as peer, transport() as client:
        depth = depth_of(client, peer.port, Clock())
        with pytest.raises(QueueUnread) as trouble:
            await depth.poll()
        assert depth.waiting is None
        return str(trouble.value).replace(str(peer.port), "PORT")


def test_all_engines_are_added_up_and_other_names_are_not() -> None:
    assert waiting_requests(PAGE) == 13


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"vllm:num_requests_waiting 4", 4),
        (b"vllm:num_requests_waiting 4.0 1700000000000\r\n", 4),
        (b"vllm:num_requests_waiting{} 0.0", 0),
        (b"vllm:num_requests_waiting NaN", None),
        (b"vllm:num_requests_waiting", None),
        (b"x vllm:num_requests_waiting 4", None),
        (b"", None),
    ],
)
def test_a_line_is_read_as_the_text_format_has_it(line: bytes, expected: int | None) -> None:
    assert waiting_requests(line) == expected


async def test_before_the_first_reading_nothing_is_known() -> None:
    async with transport() as client:
        assert depth_of(client, 1, Clock()).waiting is None


async def test_what_was_read_is_believed_for_five_seconds() -> None:
    clock = Clock()
    async with listening(answering(page(PAGE))) as peer, transport() as client:
        depth = depth_of(client, peer.port, clock)
        await depth.poll()
        await depth.poll()
        assert len(peer.visits) == 1
    assert depth.waiting == 13
    clock.seconds += 5
    assert depth.waiting == 13
    clock.seconds += 0.1
    assert depth.waiting is None


async def test_a_reading_that_fails_leaves_the_last_one_until_it_is_too_old() -> None:
    clock = Clock()
    async with listening(answering(page(PAGE), then_close=True)) as peer, transport() as client:
        depth = depth_of(client, peer.port, clock)
        await depth.poll()
        peer.stop()
        with pytest.raises(QueueUnread):
            await depth.poll()
        assert depth.waiting == 13


async def test_the_page_is_asked_for_below_the_address() -> None:
    asked = asyncio.get_running_loop().create_future()

    async def tells(visit: Visit) -> None:
        asked.set_result(await visit.request())
        await visit.say(page(PAGE))

    async with listening(tells) as peer, transport() as client:
        await depth_of(client, peer.port, Clock()).poll()
    assert (await asked).startswith(b"GET /metrics HTTP/1.1\r\n")


async def test_an_address_that_answers_otherwise_is_named_with_its_status() -> None:
    assert await unread(answering(page(b"no", b"503 Busy"))) == "GET http://127.0.0.1:PORT/metrics answered 503"


async def test_a_page_without_the_number_is_no_reading() -> None:
    assert "has no sample of vllm:num_requests_waiting" in await unread(answering(page(b"up 1\n")))


async def test_a_page_that_is_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_depth, "_LIMIT_BYTES", 100)
    assert "is longer than 100 bytes" in await unread(answering(page(PAGE)))


async def test_an_answer_that_is_not_read_to_its_end_is_left() -> None:
    async def goes_on(visit: Visit) -> None:
        await visit.request()
        await visit.say(page(b"no", b"503 Busy")[:-1])
        await visit.left()

    async with listening(goes_on) as peer, transport() as client:
        with pytest.raises(QueueUnread, match="answered 503"):
            await depth_of(client, peer.port, Clock()).poll()
        assert await peer.was_left()


async def test_an_answer_that_breaks_off_is_no_reading() -> None:
    assert "broke off its answer" in await unread(answering(page(PAGE)[:-9], then_close=True))


async def test_a_page_that_does_not_come_in_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_depth, "_LIMIT_SECONDS", 0.05)
    assert "did not answer within 0.05 s" in await unread(silent)


async def test_an_upstream_that_is_not_there_is_no_reading() -> None:
    async with transport() as client:
        with pytest.raises(QueueUnread, match="could not be reached"):
            await depth_of(client, 1, Clock()).poll()
