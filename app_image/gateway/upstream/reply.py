"""An upstream's answer as it comes: what has been received and not yet read, within bounds.

A connection fills it, one caller empties it. Neither starts a task; a timer only where it says so.
"""

import asyncio
from typing import Protocol

from gateway.errors import ConnectionLost

# A reader that is slower than its upstream has at most this much unread, and what came in the same piece.
UNREAD_LIMIT_BYTES = 64 * 1024
# How long the end of a whole answer is waited for, to keep its connection for the next request.
_FINISH_SECONDS = 0.1


class Source(Protocol):
    """The connection that carries the answer."""

    def abort(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


class Reply:
    """The first four attributes and five methods are the callers', the others the connection's.

    `gather_seconds`: how long bytes may wait for more before `read` returns them. The end waits for nothing.
    """

    __slots__ = (
        "_ended",
        "_gathered",
        "_loop",
        "_parts",
        "_paused",
        "_source",
        "_unread_bytes",
        "_waiter",
        "content_type",
        "gather_seconds",
        "retry_after",
        "status",
    )

    def __init__(self, source: Source, loop: asyncio.AbstractEventLoop) -> None:
        self.status = 0
        self.content_type = ""
        self.retry_after: str | None = None
        self.gather_seconds = 0.0
        self._source: Source | None = source  # as long as more may come
        self._loop = loop
        self._parts: list[bytes] = []
        self._unread_bytes = 0
        self._ended = False
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._gathered: asyncio.TimerHandle | None = None  # rings when what came has waited long enough

    async def head(self) -> "Reply":
        """Itself, when its head has come. Raises ConnectionLost. Cancelled, it closes the connection."""
        while not self.status:
            if self._source is None:
                raise ConnectionLost
            await self._more()
        return self

    async def read(self) -> bytes:
        """The bytes that came since the last call; empty at the end. Raises ConnectionLost. Cancelled, as `head`."""
        while not self._parts:
            if self._ended:
                return b""
            if self._source is None:
                raise ConnectionLost
            await self._more()
        parts = self._parts
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        parts.clear()
        self._unread_bytes = 0
        if self._paused:
            self._resume()
        return data

    @property
    def is_read(self) -> bool:
        """Whether nothing is left to read, of a whole answer."""
        return self._ended and not self._parts

    async def finish(self) -> None:
        """The caller has all that it needs: keep the connection if the body ends at once."""
        self._parts.clear()
        if self._source is not None:
            try:
                async with asyncio.timeout(_FINISH_SECONDS):
                    while await self.read():
                        pass
            except (ConnectionLost, TimeoutError):
                pass
        self.abort()

    def abort(self) -> None:
        """Close the connection, unless the answer is whole: then it is no longer this answer's."""
        self._parts.clear()
        if self._source is not None:
            self._source.abort()

    def begin(self, status: int, content_type: str, retry_after: str | None) -> None:
        self.content_type = content_type
        self.retry_after = retry_after
        self.status = status
        self._wake()

    def feed(self, data: bytes) -> None:
        self._parts.append(data)
        self._unread_bytes += len(data)
        if self._unread_bytes > UNREAD_LIMIT_BYTES and not self._paused and self._source is not None:
            self._paused = True
            self._source.pause()
        if not self.gather_seconds or self._paused:
            self._wake()
        elif self._gathered is None:
            self._gathered = self._loop.call_later(self.gather_seconds, self._wake)

    def end(self) -> None:
        """The answer is whole."""
        self._ended = True
        if self._paused:
            self._resume()
        self.lose()

    def lose(self) -> None:
        """Nothing more will come."""
        self._source = None
        self._wake()

    def _resume(self) -> None:
        self._paused = False
        if self._source is not None:
            self._source.resume()

    def _wake(self) -> None:
        if self._gathered is not None:
            self._gathered.cancel()
            self._gathered = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _more(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        except asyncio.CancelledError:
            self.abort()
            raise
        finally:
            self._waiter = None
