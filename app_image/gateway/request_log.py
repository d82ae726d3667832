"""One JSON line per request on standard output. Never a prompt, an answer or a key.

Lines are gathered for a moment and written together: a write per request would cost more than the line itself.
Probes of the load balancer are not logged.
"""

import asyncio
import contextlib
from typing import BinaryIO

import msgspec

from gateway.exchange import Exchange
from gateway.keys.key import NANO
from gateway.settings import Settings

_GATHER_SECONDS = 0.1


class RequestLog:
    """Writes to `stream` until `flush` was called for the last time."""

    def __init__(self, settings: Settings, stream: BinaryIO) -> None:
        self._identity = {
            "release": settings.release,
            "colour": settings.colour,
            "model_colour": settings.model_colour,
        }
        self._stream = stream
        self._lines: list[bytes] = []
        self._encode = msgspec.json.Encoder().encode

    def write(self, exchange: Exchange, duration_seconds: float) -> None:
        tokens = exchange.tokens
        line = {
            "at": round(exchange.at, 3),
            "request_id": exchange.request_id,
            "trace_id": exchange.trace.trace_id if exchange.trace else None,
            "key": exchange.key.name or None,
            "route": exchange.route,
            "status": exchange.status,
            "ended": exchange.ended,
            "error": exchange.error_code,
            "tier": exchange.tier,
            "model": exchange.model if exchange.tier else None,
            "fallback_reason": exchange.fallback_reason,
            "stream": exchange.stream,
            "seconds": round(duration_seconds, 4),
            "first_token_seconds": exchange.first_token_seconds,
            "prompt_tokens": tokens.prompt if tokens else None,
            "completion_tokens": tokens.completion if tokens else None,
            "tokens_are_estimated": tokens.is_estimate if tokens else None,
            "cost_usd": exchange.cost_nano_usd / NANO if tokens else None,
            **self._identity,
        }
        if not self._lines:
            asyncio.get_running_loop().call_later(_GATHER_SECONDS, self.flush)
        self._lines.append(self._encode(line) + b"\n")

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        # A reader that went away costs log lines, never requests.
        with contextlib.suppress(OSError):
            self._stream.writelines(lines)
            self._stream.flush()
