"""How answers are written: a head never alone, and no header that becomes two."""

import asyncio
import logging

import pytest
from gateway.answer_writer import AnswerWriter
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class Wire(asyncio.Transport):
    """Remembers what was written, a write an item."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))


def writer(wire: Wire, method: str = "GET") -> AnswerWriter:
    log = logging.getLogger("test")
    scope = {"method": method, "http_version": "1.1"}
    return AnswerWriter(
        RequestResponseCycle(
            scope=scope,  # type: ignore[arg-type]
            transport=wire,
            flow=FlowControl(wire),
            logger=log,
            access_logger=log,
            access_log=False,
            default_headers=[(b"date", b"now")],
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=True,
            on_response=lambda: None,
        )
    )


def start(*headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {"type": "http.response.start", "status": 200, "headers": list(headers)}


def body(data: bytes, *, has_more: bool = False) -> dict[str, object]:
    return {"type": "http.response.body", "body": data, "more_body": has_more}


async def test_a_whole_answer_is_one_write() -> None:
    wire = Wire()
    answer = writer(wire)

    await answer.send(start((b"content-length", b"2")))
    await answer.send(body(b"ok"))

    assert wire.written == [b"HTTP/1.1 200 OK\r\ndate: now\r\ncontent-length: 2\r\n\r\nok"]


async def test_the_first_piece_of_a_stream_takes_the_head_with_it() -> None:
    wire = Wire()
    answer = writer(wire)

    await answer.send(start())
    await answer.send(body(b"one", has_more=True))
    await answer.send(body(b"two"))

    head = b"HTTP/1.1 200 OK\r\ndate: now\r\ntransfer-encoding: chunked\r\n\r\n"
    assert wire.written == [head + b"3\r\none\r\n", b"3\r\ntwo\r\n0\r\n\r\n"]


async def test_who_asks_for_the_head_alone_gets_no_body() -> None:
    wire = Wire()
    answer = writer(wire, "HEAD")

    await answer.send(start((b"content-length", b"2")))
    await answer.send(body(b"ok"))

    assert b"".join(wire.written).endswith(b"content-length: 2\r\n\r\n")


@pytest.mark.parametrize("value", [b"a\r\nb: c", b"a\nb", b"a\rb"])
async def test_a_line_break_in_a_header_is_refused(value: bytes) -> None:
    wire = Wire()

    with pytest.raises(RuntimeError, match="line break"):
        await writer(wire).send(start((b"x-odd", value)))
    assert not wire.written


async def test_a_body_without_a_head_and_anything_after_the_end_are_never_written() -> None:
    wire = Wire()
    answer = writer(wire)

    with pytest.raises(RuntimeError, match="out of turn"):
        await answer.send(body(b"no head"))
    await answer.send(start((b"content-length", b"2")))
    with pytest.raises(RuntimeError, match="out of turn"):
        await answer.send(start((b"content-length", b"2")))
    await answer.send(body(b"ok"))
    with pytest.raises(RuntimeError, match="out of turn"):
        await answer.send(body(b"more"))

    assert len(wire.written) == 1
