"""An answer that has begun to come: read within the limits, as events or as a whole body.

It owns the upstream's connection until `close`. What bytes mean is decided in gateway.chunks, here only when to stop
waiting for them.
"""

from gateway.chunks import Event, StreamReading, Usage
from gateway.errors import ConnectionLost
from gateway.outcome import Reason
from gateway.tiers.errors import TierFailed
from gateway.upstream.reply import Reply
from gateway.watch import Cause, Interrupted, Watch

# Nobody sees a piece of an answer that is put together, and its end is not waited for.
_GATHER_SECONDS = 0.05
_WHOLE_LIMIT_BYTES = 16 * 1024 * 1024
_REASONS = {
    Cause.FIRST_CONTENT: Reason.FIRST_TOKEN_TIMEOUT,
    Cause.IDLE: Reason.STALLED,
    Cause.TOTAL: Reason.TIME_LIMIT,
}


class Answer:
    """What one upstream says to one request."""

    __slots__ = ("_idle_seconds", "_is_silent", "_reading", "_reply", "_watch")

    def __init__(self, reply: Reply, wanted_choices: int, watch: Watch, idle_seconds: float) -> None:
        self._reply = reply
        self._reading = StreamReading(wanted_choices)
        self._watch = watch
        self._idle_seconds = idle_seconds
        self._is_silent = False  # since the limit was set that no comment moves: whoever hangs may still send them

    @property
    def streams(self) -> bool:
        """Whether it comes as events."""
        return self._reply.content_type.startswith("text/event-stream")

    @property
    def has_content(self) -> bool:
        return self._reading.has_content

    @property
    def complete(self) -> bool:
        return self._reading.complete

    @property
    def usage(self) -> Usage | None:
        return self._reading.usage

    @property
    def pieces(self) -> int:
        """How many events with choices came: about as many as tokens."""
        return self._reading.pieces

    def gather(self) -> None:
        """From here on, events that came may wait a moment for more: to look at each costs more than to read it."""
        self._reply.gather_seconds = min(_GATHER_SECONDS, self._idle_seconds / 8)

    async def events(self) -> list[Event]:
        """The next events; none may be among what came. Raises TierFailed."""
        try:
            data = await self._read()
        except ConnectionLost:
            self._reading.broken()
            self._watch.rest()
            return []
        events = self._reading.feed(data) if data else self._reading.end()
        if self.has_content and (events or self.complete):
            self._is_silent = False
            self._watch.rest()  # the limit to the first content is met; the time that a client takes is its own
        return events

    async def whole(self) -> bytes:
        """A body that is an answer by itself. Raises TierFailed."""
        body = await self.body(_WHOLE_LIMIT_BYTES)
        if len(body) > _WHOLE_LIMIT_BYTES:
            raise TierFailed(Reason.MALFORMED)
        self._reading.take_whole(body)
        self._watch.rest()
        return body

    async def body(self, limit_bytes: int) -> bytes:
        """The body, whatever it is; of one that is longer, as much as shows that. Raises TierFailed."""
        parts = bytearray()
        try:
            while len(parts) <= limit_bytes and (data := await self._read()):
                parts += data
                if self._reply.is_read:
                    break
        except ConnectionLost:
            raise TierFailed(Reason.RESET) from None
        return bytes(parts)

    async def close(self) -> None:
        """Keeps the connection after a complete answer; otherwise closes it, which cancels the upstream's work."""
        if self.complete:
            await self._reply.finish()
        else:
            self._reply.abort()

    async def _read(self) -> bytes:
        if self.has_content and not self._is_silent:
            self._is_silent = True
            self._watch.expect(self._idle_seconds + self._reply.gather_seconds, Cause.IDLE)
        try:
            with self._watch:
                return await self._reply.read()
        except Interrupted as interruption:
            raise limit_passed(interruption) from None


def limit_passed(interruption: Interrupted) -> Exception:
    """A limit is the tier's failure; a client that left or a server that stops is not."""
    if interruption.is_final:
        return interruption
    return TierFailed(_REASONS[interruption.cause])
