"""Reads a request's body within a limit of size and of time."""

from gateway.errors import body_too_large, body_too_slow
from gateway.settings import Limits
from gateway.watch import Cause, Interrupted, Receive, Watch


async def read_body(receive: Receive, declared_bytes: int, watch: Watch, limits: Limits) -> bytes:
    """Raises ApiError 413 as soon as it is too long, 408 when it takes too long, and Interrupted."""
    if declared_bytes > limits.body_bytes:
        raise body_too_large(limits.body_bytes)
    watch.expect(limits.body_seconds, Cause.BODY)
    try:
        with watch:
            body = await _read(receive, limits.body_bytes)
    except Interrupted as interruption:
        if interruption.cause is not Cause.BODY:
            raise
        raise body_too_slow(min(limits.body_seconds, limits.total_seconds)) from None
    watch.rest()
    return body


async def _read(receive: Receive, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Interrupted(Cause.CLIENT_GONE)
        parts.append(message["body"])
        size += len(message["body"])
        if size > limit_bytes:
            raise body_too_large(limit_bytes)
        if not message["more_body"]:
            return parts[0] if len(parts) == 1 else b"".join(parts)
