"""One connection to an upstream: writes a request and takes the answer to it. One request at a time, no pipelining.

What comes is parsed in gateway.upstream.answers; who gets which connection is decided in gateway.upstream.pool.
"""

import asyncio
from typing import Protocol, cast

from gateway.upstream.answers import Answers
from gateway.upstream.errors import NotHttp
from gateway.upstream.reply import Reply
from gateway.upstream.request import Origin

# Up to here head and body are one write; above, the body follows in pieces, as fast as the upstream takes them.
_PIECE_BYTES = 64 * 1024
# A server that closes an idle connection answers a request that crosses this on the wire within a round trip. One
# that closes it later has worked on the request, and may have died of it.
_STALE_SECONDS = 0.5
_FIRST_ERROR_STATUS = 400


class Owner(Protocol):
    """Who knows all connections."""

    def idle(self, connection: "Connection") -> None: ...
    def closed(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """No request starts on it after `retires_at`; while idle it is kept until `kept_until` (both the loop's time).

    `stale`: it was lost without a word, soon after it was asked. If it had been kept for that, its server had closed it
    before the request came.
    """

    __slots__ = (
        "_answers",
        "_asked_at",
        "_loop",
        "_outgoing",
        "_owner",
        "_transport",
        "_writing_paused",
        "kept_until",
        "origin",
        "retires_at",
        "stale",
    )

    def __init__(self, origin: Origin, owner: Owner, loop: asyncio.AbstractEventLoop, retires_at: float) -> None:
        self.origin = origin
        self.retires_at = retires_at
        self.kept_until = retires_at
        self.stale = False
        self._owner = owner
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._answers = Answers()
        self._outgoing: memoryview | None = None
        self._asked_at = 0.0
        self._writing_paused = False

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, head: bytes, body: bytes) -> Reply:
        """Sends a request; the caller awaits the head of what is returned."""
        reply = Reply(self, self._loop)
        self._answers.expect(reply)
        self._asked_at = self._loop.time()
        if self._transport is None:
            self._lose()
        elif len(body) <= _PIECE_BYTES:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._outgoing = memoryview(body)
            self._write_on()
        return reply

    def abort(self) -> None:
        """Closes at once; an answer that is not whole is lost."""
        if self._transport is not None:
            self._transport.abort()
        self._lose()

    def pause(self) -> None:
        if self.usable and self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        if self.usable and self._transport is not None:
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        answers = self._answers
        if answers.reply is None:
            self.abort()  # an upstream that speaks unasked
            return
        try:
            answers.feed(data)
        except NotHttp:
            self.abort()
            return
        if answers.reply is None:
            self._whole()

    def eof_received(self) -> None:
        self._answers.end_of_stream()
        self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        if error is None:
            self._answers.end_of_stream()
        self._lose()
        self._answers.close()
        self._transport = None
        self._owner.closed(self)

    def pause_writing(self) -> None:
        self._writing_paused = True

    def resume_writing(self) -> None:
        self._writing_paused = False
        self._write_on()

    def _write_on(self) -> None:
        """Until the upstream takes no more for now, or has answered with an error and needs no more."""
        while self._outgoing is not None and not self._writing_paused and self._transport is not None:
            reply = self._answers.reply
            if reply is None or reply.status >= _FIRST_ERROR_STATUS:
                return
            piece, rest = self._outgoing[:_PIECE_BYTES], self._outgoing[_PIECE_BYTES:]
            self._outgoing = rest or None
            self._transport.write(piece)

    def _whole(self) -> None:
        """The answer is; the connection is kept if the request is, too."""
        if self._answers.keeps_alive and self._outgoing is None:
            self._owner.idle(self)
        else:
            self.abort()

    def _lose(self) -> None:
        self._outgoing = None
        if self._answers.reply is not None:
            now = self._loop.time()
            self.stale = not self._answers.heard and now - self._asked_at < _STALE_SECONDS
            self._answers.lose()
