"""One request and its answer: who asks, what was answered so far, and the bytes of it.

It owns the response's headers and the order of ASGI messages. It decides nothing about what to answer.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.chunks import Usage
from gateway.drain import Drain
from gateway.errors import ApiError, ErrorCode, Header, Limit
from gateway.keys.key import Key
from gateway.limits.reservation import FREE
from gateway.outcome import Reason, RouteName, StatusClass, TierName
from gateway.request_head import RequestHead
from gateway.settings import Settings
from gateway.trace import Trace
from gateway.usage import Said, Tokens
from gateway.watch import CUT, LEFT, Watch

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]

JSON = b"application/json"
EVENT_STREAM = b"text/event-stream; charset=utf-8"

_CLOSE: Header = (b"connection", b"close")
_NOBODY = Key("")


class Identity:
    """The headers by which every answer says what gave it."""

    def __init__(self, settings: Settings) -> None:
        self.headers: list[Header] = [
            (b"x-switchyard-release", settings.release.encode()),
            (b"x-switchyard-colour", settings.colour.encode()),
            (b"x-switchyard-model-colour", settings.model_colour.encode()),
        ]


class Exchange:
    """Filled in while a request is answered; read by the metrics and the log at its end.

    `tier`, `model` and `dropped_parameters` are of the tier that was asked last, `pieces` and `usage` of its answer.
    `broken`: answers that ended before they were whole, and were followed by another.
    """

    __slots__ = (
        "_drain", "_identity", "_scope", "_send", "_started_at", "at", "broken", "cost_nano_usd", "dropped_parameters",
        "ended", "error_code", "fallback_reason", "first_token_seconds", "head", "key", "limit_hit", "method", "model",
        "output_limit", "path", "pieces", "prompt_bytes", "reservation", "route", "status", "stream", "tier", "tokens",
        "trace", "usage", "watch",
    )  # fmt: skip

    def __init__(self, scope: Scope, send: Send, identity: Identity, drain: Drain) -> None:
        self._scope = scope
        self._send = send
        self._identity = identity
        self._drain = drain
        self._started_at = time.perf_counter()
        self.at = time.time()
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.head = RequestHead(scope["headers"])
        self.route = RouteName.OTHER
        self.key = _NOBODY
        self.stream = False
        self.status = 0
        self.ended: StatusClass | None = None
        self.error_code: ErrorCode | None = None
        self.limit_hit: Limit | None = None
        self.tier: TierName | None = None
        self.model = ""
        self.fallback_reason: Reason | None = None
        self.dropped_parameters: tuple[str, ...] = ()
        self.output_limit: int | None = None
        self.first_token_seconds: float | None = None
        self.pieces = 0
        self.usage: Usage | None = None
        self.broken: list[Said] = []
        self.tokens: Tokens | None = None
        self.cost_nano_usd = 0
        self.prompt_bytes = 0
        self.reservation = FREE
        self.trace: Trace | None = None
        self.watch: Watch | None = None

    @property
    def began(self) -> bool:
        """Whether the client was sent anything."""
        return self.status != 0

    @property
    def request_id(self) -> str:
        return self.head.request_id

    def seconds(self) -> float:
        return time.perf_counter() - self._started_at

    def watched_by(self, watch: Watch) -> None:
        """It learns when the client leaves, and is closed once the answer is complete."""
        self.watch = watch
        self._scope[LEFT] = watch.client_left

    def asked(self, tier: TierName, model: str, dropped_parameters: tuple[str, ...]) -> None:
        """From here on what is answered is this tier's."""
        self._leave()
        self.tier = tier
        self.model = model
        self.dropped_parameters = dropped_parameters
        self.first_token_seconds = None

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
        """An answer of the gateway itself."""
        self._unanswered()
        self.error_code = error.code
        self.limit_hit = error.limit
        await self.respond(error.status, error.body, headers=error.headers)

    async def start_stream(self) -> None:
        await self._start(200, EVENT_STREAM, ((b"cache-control", b"no-store"),))

    def write(self, data: bytes) -> Awaitable[None]:
        return self._send({"type": "http.response.body", "body": data, "more_body": True})

    def cut(self) -> None:
        """Nothing more for this client, read or not."""
        if cut := self._scope.get(CUT):
            cut()

    async def end(self, ended: StatusClass, data: bytes = b"") -> None:
        self.ended = ended
        await self._send({"type": "http.response.body", "body": data})
        if self.watch is not None:
            # A server says "disconnected" after a complete answer too; that must interrupt nothing.
            self.watch.close()

    @property
    def said(self) -> Said | None:
        """What the tier that was asked last has said so far."""
        return None if self.tier is None else Said(self.tier, self.model, self.pieces, self.usage)

    def _leave(self) -> None:
        if self.first_token_seconds is not None and self.pieces and self.said is not None:
            self.broken.append(self.said)
        self.pieces = 0
        self.usage = None

    def _unanswered(self) -> None:
        """No tier gave what is answered now."""
        self._leave()
        self.tier = None
        self.dropped_parameters = ()
        self.output_limit = None

    async def _start(self, status: int, content_type: bytes, extra: tuple[Header, ...]) -> None:
        self.status = status
        headers = [
            (b"content-type", content_type),
            *self._identity.headers,
            (b"x-request-id", self.head.request_id.encode()),
            *extra,
        ]
        if self.tier is not None:
            headers.append((b"x-switchyard-tier", self.tier.encode()))
        if self.fallback_reason is not None:
            headers.append((b"x-switchyard-fallback-reason", self.fallback_reason.encode()))
        if self.dropped_parameters:
            headers.append((b"x-switchyard-dropped-parameters", ",".join(self.dropped_parameters).encode()))
        if self.output_limit is not None:
            headers.append((b"x-switchyard-output-limit", b"%d" % self.output_limit))
        if self._drain.draining:
            headers.append(_CLOSE)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
