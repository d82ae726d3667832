"""Answers for clients of HTTP/1.0, which know no chunks: one without a declared length ends with its connection.

uvicorn sends chunks to whoever asks. A proxy such as nginx may ask with HTTP/1.0 unless it is told otherwise.
"""

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


def knows_chunks(http_version: str) -> bool:
    return http_version >= "1.1"


def without_chunks(app: ASGI3Application, cycle: RequestResponseCycle) -> ASGI3Application:
    """The same application, for one request."""

    async def answered(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        await app(scope, receive, _Unchunked(cycle, send))

    return answered


class _Unchunked:
    """uvicorn's `send`, with each piece of an answer without a length declared by itself."""

    def __init__(self, cycle: RequestResponseCycle, send: ASGISendCallable) -> None:
        self._cycle = cycle
        self._send = send
        self._has_length = True

    async def __call__(self, message: ASGISendEvent) -> None:
        if message["type"] == "http.response.start":
            self._has_length = any(name.lower() == b"content-length" for name, _ in message.get("headers", ()))
            if not self._has_length:
                self._cycle.chunked_encoding = self._cycle.keep_alive = False
        elif message["type"] == "http.response.body" and not self._has_length:
            self._cycle.expected_content_length = len(message.get("body", b""))
        await self._send(message)
