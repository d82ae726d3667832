"""A client's connections: a pool that is renewed every few seconds, and some that serve one request only.

Both matter: a pooled connection keeps talking to the load-balancer node and target it has, a new one meets
whatever the weights and the health are at that moment. Owns life and time-outs; knows nothing of requests.
"""

import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector


@dataclass
class _Pool:
    """`users` are the requests in flight; a retired pool is closed by its last one."""

    session: ClientSession
    born: float
    users: int = 0


class Connections:
    """Lends a session for one request at a time. Close it, or use it with `async with`, when all are back."""

    def __init__(self, tls: ssl.SSLContext | None, lifetime_seconds: float, timeout: ClientTimeout) -> None:
        self._tls = tls
        self._lifetime_seconds = lifetime_seconds
        self._timeout = timeout
        self._current: _Pool | None = None

    @asynccontextmanager
    async def borrow(self, fresh: bool) -> AsyncIterator[ClientSession]:
        """A session for one request; `fresh` opens a connection that nobody used before or will use after."""
        pool = self._new_pool() if fresh else await self._pool()
        pool.users += 1
        try:
            yield pool.session
        finally:
            pool.users -= 1
            if pool.users == 0 and pool is not self._current:
                await pool.session.close()

    async def _pool(self) -> _Pool:
        old = self._current
        if old is not None and time.monotonic() - old.born < self._lifetime_seconds:
            return old
        new = self._current = self._new_pool()
        if old is not None and old.users == 0:
            await old.session.close()
        return new

    def _new_pool(self) -> _Pool:
        # No limit: a request that waits for a free connection would close the open loop.
        connector = TCPConnector(limit=0, ssl=self._tls if self._tls is not None else True)
        session = ClientSession(connector=connector, timeout=self._timeout, cookie_jar=DummyCookieJar())
        return _Pool(session, time.monotonic())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._current is not None:
            await self._current.session.close()
