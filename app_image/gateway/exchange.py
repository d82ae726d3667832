"""One request and its answer: who asks, what was answered so far, and the bytes of it.

It owns the response's headers and the order of ASGI messages. It decides nothing about what to answer.
"""

import os
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.chunks import Usage
from gateway.drain import Drain
from gateway.errors import ApiError, Header
from gateway.outcome import Reason, RouteName, StatusClass, TierName
from gateway.settings import Settings
from gateway.watch import Watch

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]

JSON = b"application/json"
EVENT_STREAM = b"text/event-stream; charset=utf-8"

_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")
_TRACE = frozenset({b"traceparent", b"tracestate"})
_CLOSE: Header = (b"connection", b"close")


class Identity:
    """The headers by which every answer says what gave it."""

    def __init__(self, settings: Settings) -> None:
        self.headers: list[Header] = [
            (b"x-switchyard-release", settings.release.encode()),
            (b"x-switchyard-colour", settings.colour.encode()),
            (b"x-switchyard-model-colour", settings.model_colour.encode()),
        ]


class Exchange:
    """Filled in while a request is answered; read by the metrics and the log at its end."""

    __slots__ = (
        "_drain", "_identity", "_send", "_started_at", "at", "authorization", "content_length", "dropped_parameters",
        "ended", "fallback_reason", "first_token_seconds", "key_name", "method", "path", "request_id", "route",
        "status", "stream", "tier", "trace", "usage", "watch",
    )  # fmt: skip

    def __init__(self, scope: Scope, send: Send, identity: Identity, drain: Drain) -> None:
        self._send = send
        self._identity = identity
        self._drain = drain
        self._started_at = time.perf_counter()
        self.at = time.time()
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.route = RouteName.OTHER
        self.authorization = b""
        self.content_length = 0
        self.request_id = ""
        self.trace: dict[str, str] = {}
        self.key_name: str | None = None
        self.stream = False
        self.status = 0
        self.ended: StatusClass | None = None
        self.tier: TierName | None = None
        self.fallback_reason: Reason | None = None
        self.dropped_parameters: tuple[str, ...] = ()
        self.first_token_seconds: float | None = None
        self.usage: Usage | None = None
        self.watch: Watch | None = None
        self._read_head(scope["headers"])

    @property
    def began(self) -> bool:
        """Whether the client was sent anything."""
        return self.status != 0

    def seconds(self) -> float:
        return time.perf_counter() - self._started_at

    def content_came(self) -> None:
        if self.first_token_seconds is None:
            self.first_token_seconds = round(self.seconds(), 4)

    async def respond(
        self, status: int, body: bytes, *, content_type: bytes = JSON, headers: tuple[Header, ...] = ()
    ) -> None:
        """The whole answer at once."""
        length: Header = (b"content-length", b"%d" % len(body))
        await self._start(status, content_type, (length, *headers))
        await self.end(StatusClass.of(status), body)

    async def fail(self, error: ApiError) -> None:
        await self.respond(error.status, error.body, headers=error.headers)

    async def start_stream(self) -> None:
        await self._start(200, EVENT_STREAM, ((b"cache-control", b"no-store"),))

    async def write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, ended: StatusClass, data: bytes = b"") -> None:
        self.ended = ended
        await self._send({"type": "http.response.body", "body": data})
        if self.watch is not None:
            # A server says "disconnected" after a complete answer too; that must interrupt nothing.
            self.watch.close()

    async def _start(self, status: int, content_type: bytes, extra: tuple[Header, ...]) -> None:
        self.status = status
        headers = [
            (b"content-type", content_type),
            *self._identity.headers,
            (b"x-request-id", self.request_id.encode()),
            *extra,
        ]
        if self.tier is not None:
            headers.append((b"x-switchyard-tier", self.tier.encode()))
        if self.fallback_reason is not None:
            headers.append((b"x-switchyard-fallback-reason", self.fallback_reason.encode()))
        if self.dropped_parameters:
            headers.append((b"x-switchyard-dropped-parameters", ",".join(self.dropped_parameters).encode()))
        if self._drain.draining:
            headers.append(_CLOSE)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    def _read_head(self, headers: list[Header]) -> None:
        for name, value in headers:
            if name == b"authorization":
                self.authorization = value
            elif name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                self.request_id = value.decode()
            elif name == b"content-length" and value.isdigit():
                self.content_length = int(value)
            elif name in _TRACE and value.isascii():
                self.trace[name.decode()] = value.decode()
        if not self.request_id:
            self.request_id = os.urandom(16).hex()
