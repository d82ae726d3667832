"""The upstream that clients are measured against: a process of its own that answers at once, or streams at a pace.

It prints its port and serves until its input ends. A path that ends in `/stream` is answered with events.
"""

import asyncio
from typing import cast

from benchmarks.gateway import upstream_process

CHUNKS = 100
CHUNK_SECONDS = 0.01
EVENT = b"data: " + b"x" * 180 + b"\n\n"
ANSWER = b'{"choices": "' + b"x" * 680 + b'"}'
_WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(ANSWER) + ANSWER
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_FRAME = b"%x\r\n%s\r\n" % (len(EVENT), EVENT)
_END = b"0\r\n\r\n"


class PlainUpstream(asyncio.Protocol):
    """Knows just enough of HTTP: heads end with an empty line and say how long the body is."""

    def __init__(self) -> None:
        self._data = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found or self._transport is None:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._data = b""
        if b"/stream HTTP" in head:
            self._transport.write(_HEAD)
            self._say(CHUNKS)
        else:
            self._transport.write(_WHOLE)

    def _say(self, left: int) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(_FRAME if left else _END)
        if left:
            asyncio.get_running_loop().call_later(CHUNK_SECONDS, self._say, left - 1)


if __name__ == "__main__":
    upstream_process.run(PlainUpstream)
