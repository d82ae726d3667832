"""Reads requests' bodies within limits: of size and of time for each, of memory for all that are still coming."""

from typing import Any

from gateway.errors import body_too_large, body_too_slow, no_memory
from gateway.settings import Limits
from gateway.watch import Cause, Interrupted, Receive, Watch


class BodyReader:
    """Of one task. A request has no place while its body comes (gateway.admission), or a few slow clients would hold
    them all; what came of bodies that are not whole takes `most_bytes` together. One that is here at once takes none.
    """

    def __init__(self, most_bytes: int) -> None:
        self._room_bytes = most_bytes

    async def read(self, receive: Receive, declared_bytes: int, watch: Watch, limits: Limits) -> bytes:
        """Raises ApiError 413 as soon as it is too long, 408 when it takes too long, 503 when there is no room for it,
        and Interrupted."""
        if declared_bytes > limits.body_bytes:
            raise body_too_large(limits.body_bytes)
        watch.expect(limits.body_seconds, Cause.BODY)
        try:
            with watch:
                body = await self._read(receive, limits.body_bytes)
        except Interrupted as interruption:
            if interruption.cause is not Cause.BODY:
                raise
            raise body_too_slow(min(limits.body_seconds, limits.total_seconds)) from None
        watch.rest()
        return body

    async def _read(self, receive: Receive, limit_bytes: int) -> bytes:
        message = await receive()
        if message["type"] == "http.request" and not message["more_body"] and len(message["body"]) <= limit_bytes:
            body: bytes = message["body"]
            return body
        return await self._read_on(receive, message, limit_bytes)

    async def _read_on(self, receive: Receive, message: dict[str, Any], limit_bytes: int) -> bytes:
        parts: list[bytes] = []
        held_bytes = 0
        try:
            while message["type"] == "http.request":
                if held_bytes + len(message["body"]) > limit_bytes:
                    raise body_too_large(limit_bytes)
                held_bytes += self._taken(len(message["body"]))
                parts.append(message["body"])
                if not message["more_body"]:
                    return b"".join(parts)
                message = await receive()
            raise Interrupted(Cause.CLIENT_GONE)
        finally:
            self._room_bytes += held_bytes

    def _taken(self, size: int) -> int:
        if size > self._room_bytes:
            raise no_memory()
        self._room_bytes -= size
        return size
