"""Writes an application's answer to its connection, in place of uvicorn's `send`.

A head waits for the first bytes behind it, because each write costs as much as a tenth of a request. Headers are
looked at all together: they are the gateway's own, and need no more than that none of them becomes two. A client of
HTTP/1.0, as some proxies are, knows no chunks, which uvicorn sends to whoever asks.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_CLOSE = (b"connection", b"close")
_CHUNKED = (b"transfer-encoding", b"chunked")


class AnswerWriter:
    """Of one request. An answer without a length is sent in chunks, or ends with its connection."""

    __slots__ = ("_chunked", "_cycle", "_head")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._head = b""
        self._chunked = False

    async def send(self, message: dict[str, Any]) -> None:
        """As ASGI says. Waits while the client does not read; does nothing once it left.

        Raises RuntimeError for a body without a head before it, and for anything after the end."""
        cycle = self._cycle
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if cycle.disconnected:
            return
        begins = message["type"] == "http.response.start"
        if begins is cycle.response_started or cycle.response_complete:
            raise RuntimeError(f"{message['type']} is out of turn")
        if begins:
            self._begin(message["status"], message["headers"])
        else:
            self._write(message["body"], has_more=message.get("more_body", False))

    def _begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        cycle = self._cycle
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        lines = [*cycle.default_headers, *headers]
        if all(name != b"content-length" for name, _ in headers):
            self._chunked = cycle.scope["http_version"] >= "1.1"
            if self._chunked:
                lines.append(_CHUNKED)
            else:
                cycle.keep_alive = False
        if _CLOSE in headers:
            cycle.keep_alive = False
        elif not cycle.keep_alive:
            lines.append(_CLOSE)
        self._head = STATUS_LINE[status] + _head(lines)

    def _write(self, body: bytes, *, has_more: bool) -> None:
        cycle = self._cycle
        head, self._head = self._head, b""
        cycle.transport.write(head + self._framed(body, has_more=has_more))
        if not has_more:
            cycle.response_complete = True
            cycle.message_event.set()
            if not cycle.keep_alive:
                cycle.transport.close()
            cycle.on_response()

    def _framed(self, body: bytes, *, has_more: bool) -> bytes:
        if self._cycle.scope["method"] == "HEAD":
            return b""
        if not self._chunked:
            return body
        chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        return chunk if has_more else chunk + b"0\r\n\r\n"


def _head(lines: list[tuple[bytes, bytes]]) -> bytes:
    """Raises RuntimeError for a line break within a header."""
    head = b"".join([b"%b: %b\r\n" % line for line in lines])
    if not head.count(b"\n") == head.count(b"\r") == len(lines):
        raise RuntimeError(f"a header has a line break: {lines!r}")
    return head + b"\r\n"
