"""The upstream of all contestants: a process of its own that speaks OpenAI's chat completions and thinks no time.

It prints its port and serves until its input ends. A request says how it is answered: `stream` and
`stream_options.include_usage` mean what they mean at OpenAI, `max_tokens` is how many words, one a chunk, and `user`
is an Order. Each word of an answer is WORD, so that a client can count what came.

`GET /open` says how many streams it is writing now; `GET /metrics` looks like an idle vLLM's.
"""

import asyncio
from enum import StrEnum
from functools import cache
from typing import cast

import msgspec

from benchmarks.gateway import upstream_process

WORD = b"quokka"
PACE_SECONDS = 0.01
WORDS = 60
"""Of an answer whose request does not say: 0.7 KB as one JSON object."""

_ID = "chatcmpl-0123456789abcdef0123456789abcdef"
_MODEL = "bench"
_CREATED = 1_760_000_000
_EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_END = b"0\r\n\r\n"
_IDLE = b"vllm:num_requests_waiting 0\nvllm:num_requests_running 0\n"


class Order(StrEnum):
    """How the mock answers: as it is asked, with one JSON object in any case, or with a chunk each PACE_SECONDS."""

    AT_ONCE = "at-once"
    WHOLE = "whole"
    PACED = "paced"


class _Options(msgspec.Struct):
    include_usage: bool = False


class _Request(msgspec.Struct):
    stream: bool | None = None
    stream_options: _Options | None = None
    max_tokens: int | None = None
    user: str | None = None


_REQUEST = msgspec.json.Decoder(_Request)


@cache
def whole(words: int) -> bytes:
    """The answer as one JSON object."""
    message = {"role": "assistant", "content": " ".join([WORD.decode()] * words), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    answer = {"id": _ID, "object": "chat.completion", "created": _CREATED, "model": _MODEL}
    return msgspec.json.encode({**answer, "choices": [choice], "usage": _usage(words)})


@cache
def frames(words: int, with_usage: bool) -> tuple[bytes, ...]:
    """The answer as events, each framed as one chunk of the transfer encoding; the last one is [DONE]."""
    deltas = [{"role": "assistant", "content": ""}, *[{"content": f" {WORD.decode()}"}] * words]
    events = [_chunk([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}]) for delta in deltas]
    events.append(_chunk([{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}]))
    if with_usage:
        events.append(_chunk([], usage=_usage(words)))
    return tuple(_frame(b"data: %s\n\n" % data) for data in [*events, b"[DONE]"])


class MockUpstream(asyncio.Protocol):
    """Knows just enough of HTTP: a head ends with an empty line and says how long the body is."""

    open_streams = 0

    def __init__(self) -> None:
        self._data = b""
        self._transport: asyncio.WriteTransport | None = None
        self._streaming = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        self._count(streaming=False)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0):
            return
        self._data = b""
        if head.startswith(b"POST"):
            self._answer(_REQUEST.decode(body))
        elif head.startswith(b"GET /open"):
            self._write(_response(b"application/json", b"%d" % MockUpstream.open_streams))
        else:
            self._write(_response(b"text/plain", _IDLE))

    def _answer(self, request: _Request) -> None:
        words = request.max_tokens or WORDS
        if request.user == Order.WHOLE or not request.stream:
            self._write(_response(b"application/json", whole(words)))
            return
        events = frames(words, bool(request.stream_options and request.stream_options.include_usage))
        if request.user == Order.PACED:
            self._count(streaming=True)
            self._write(_EVENTS)
            self._say(events, 0)
        else:
            self._write(_EVENTS + b"".join(events) + _END)

    def _say(self, events: tuple[bytes, ...], position: int) -> None:
        if position == len(events):
            self._count(streaming=False)
            self._write(_END)
            return
        self._write(events[position])
        self._timer = asyncio.get_running_loop().call_later(PACE_SECONDS, self._say, events, position + 1)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _count(self, *, streaming: bool) -> None:
        MockUpstream.open_streams += streaming - self._streaming
        self._streaming = streaming


def _usage(words: int) -> dict[str, int]:
    return {"prompt_tokens": 200, "completion_tokens": words, "total_tokens": 200 + words}


def _chunk(choices: list[dict[str, object]], **more: object) -> bytes:
    chunk = {"id": _ID, "object": "chat.completion.chunk", "created": _CREATED, "model": _MODEL}
    return msgspec.json.encode({**chunk, "choices": choices, **more})


def _frame(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _response(content_type: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s" % (content_type, len(body), body)


if __name__ == "__main__":
    upstream_process.run(MockUpstream)
