"""Which connections there are and which of them are free, by origin. Connects none itself.

The one used last is used first, so that those which only a burst needed fall out of use and are closed. Their number
has no limit: how many requests are in flight is decided before they come here, and a queue here would be hidden.
"""

import asyncio
import math

from gateway.clock import TIMER_SLACK_SECONDS
from gateway.upstream.connection import Connection
from gateway.upstream.request import Origin


class Pool:
    """All connections of one transport, on one event loop."""

    def __init__(self, max_age_seconds: float, idle_seconds: float) -> None:
        self._max_age_seconds = max_age_seconds
        self._idle_seconds = idle_seconds
        self._loop = asyncio.get_running_loop()
        self._open: set[Connection] = set()
        self._idle: dict[Origin, list[Connection]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = math.inf
        self._emptied: asyncio.Future[None] | None = None  # exists once the pool is closing

    def new(self, origin: Origin) -> Connection:
        """One that is yet to be connected; its age counts from here."""
        return Connection(origin, self, self._loop, self._loop.time() + self._max_age_seconds)

    def take(self, origin: Origin) -> Connection | None:
        """A free connection, if there is one that lives."""
        free = self._idle.get(origin)
        if not free:
            return None
        now = self._loop.time()
        while free:
            connection = free.pop()
            if connection.usable and now < connection.kept_until:
                return connection
            connection.abort()
        return None

    async def close(self) -> None:
        """Closes all connections, those in use too, and returns when they are closed."""
        if self._timer is not None:
            self._timer.cancel()
        self._emptied = self._loop.create_future()
        for connection in list(self._open):
            connection.abort()
        if self._open:
            await self._emptied

    def opened(self, connection: Connection) -> None:
        """Told by who connected it. Of one that was given up meanwhile, uvloop tells the beginning, never the end."""
        if connection.usable:
            self._open.add(connection)

    def idle(self, connection: Connection) -> None:
        """It has done its work and is kept for more, unless its time is over."""
        if self._emptied is not None:
            connection.abort()
            return
        connection.kept_until = min(self._loop.time() + self._idle_seconds, connection.retires_at)
        self._idle.setdefault(connection.origin, []).append(connection)
        if connection.kept_until < self._rings_at:
            self._set_timer(connection.kept_until)

    def closed(self, connection: Connection) -> None:
        self._open.discard(connection)
        free = self._idle.get(connection.origin)
        if free and connection in free:
            free.remove(connection)
        if self._emptied is not None and not self._open and not self._emptied.done():
            self._emptied.set_result(None)

    def _set_timer(self, at: float) -> None:
        """One timer for all: it is set anew when it rings, and for a connection whose time ends even before."""
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = at
        self._timer = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer, self._rings_at = None, math.inf
        now = self._loop.time()
        for origin, free in self._idle.items():
            for connection in free:
                if now >= connection.kept_until:
                    connection.abort()
            self._idle[origin] = [connection for connection in free if connection.usable]
        ends = [connection.kept_until for free in self._idle.values() for connection in free]
        if ends:
            # A timer may ring a little early, and must not ring without end until then.
            self._set_timer(max(min(ends), now + TIMER_SLACK_SECONDS))
