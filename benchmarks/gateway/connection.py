"""One connection of the load generator: cheap, because it shares a core with the mock and must not be what is measured.

It asks one request at a time and looks at nothing of an answer but its status, its end and when its first word came.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from benchmarks.gateway.mock import WORD

_LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass(slots=True)
class Answer:
    """What came of one request. Seconds on time.perf_counter's clock; `first_at` 0.0: no word came."""

    sent_at: float
    first_at: float = 0.0
    ended_at: float = 0.0
    status: int = 0
    body: bytes = b""
    is_cut: bool = False


class Finished(Protocol):
    def __call__(self, connection: "Connection", answer: Answer, /) -> None: ...


class Connection(asyncio.Protocol):
    """`finished` is called for each request, with a cut answer when the connection is lost."""

    def __init__(self, finished: Finished, first_word: Callable[["Connection"], None] | None = None) -> None:
        self._finished = finished
        self._first_word = first_word
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._data = bytearray()
        self._body_at = 0
        self._length: int | None = None
        self.idle_since = 0.0

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, request: bytes) -> None:
        if self._transport is None:
            raise ConnectionError("asked on a connection that is closed")
        self._data.clear()
        self._body_at, self._length = 0, None
        self._answer = Answer(time.perf_counter())
        self._transport.write(request)

    def leave(self) -> None:
        """At once and without a word, as a client that crashed; what it asked for is not reported."""
        self._answer = None
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._answer is not None:
            self._answer.is_cut = True
            self._end(self._answer)

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None:
            return
        self._data += data
        if not self._body_at and not self._read_head(answer):
            return
        if not answer.first_at and WORD in self._data:
            answer.first_at = time.perf_counter()
            if self._first_word is not None:
                self._first_word(self)
        if self._is_whole():
            self._end(answer)

    def _read_head(self, answer: Answer) -> bool:
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._data[:end]).lower()
        answer.status = int(head[9:12])
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        self._length = int(length) if length else None
        self._body_at = end + 4
        return True

    def _is_whole(self) -> bool:
        if self._length is None:
            return self._data.endswith(_LAST_CHUNK)
        return len(self._data) >= self._body_at + self._length

    def _end(self, answer: Answer) -> None:
        self._answer = None
        answer.ended_at = self.idle_since = time.perf_counter()
        answer.body = bytes(self._data[self._body_at :]) if self._body_at else b""
        self._finished(self, answer)


def request(port: int, path: str, key: str, body: bytes) -> bytes:
    """The bytes of one POST."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
