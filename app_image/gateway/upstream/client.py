"""Sends a request to an upstream and returns when the answer's head has come.

Its only time limit is the one on connecting: waiting is limited by gateway.watch. It follows no redirects, and
repeats nothing, except what a server cannot have seen because it had already closed the connection that was kept.
"""

import ssl
from collections.abc import Mapping

from gateway.errors import ConnectionLost
from gateway.upstream.connecting import Resolve, connected, resolved
from gateway.upstream.connection import Connection
from gateway.upstream.pool import Pool
from gateway.upstream.reply import Reply
from gateway.upstream.request import Target, get_head, post_head, target_of

# Changes of DNS and of load balancers are followed within this time: no request starts on an older connection.
MAX_CONNECTION_AGE_SECONDS = 60.0
_IDLE_SECONDS = 15.0


class Transport:
    """Connections to all upstreams. `tls` and `resolve` replace what the system trusts and resolves."""

    def __init__(
        self,
        connect_seconds: float,
        *,
        max_age_seconds: float = MAX_CONNECTION_AGE_SECONDS,
        idle_seconds: float = _IDLE_SECONDS,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolved,
    ) -> None:
        self._connect_seconds = connect_seconds
        self._max_age_seconds = max_age_seconds
        self._idle_seconds = idle_seconds
        self._tls = tls
        self._resolve = resolve
        self._pool: Pool | None = None

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, connect_seconds: float | None = None
    ) -> Reply:
        """Raises ConnectFailed, ConnectTimedOut or ConnectionLost; HeaderRefused is a mistake of the caller.

        `connect_seconds` replaces the transport's limit when it is smaller. Cancelled, it closes what it opened.
        """
        target = target_of(url)
        return await self._send(target, post_head(target, headers, len(body)), body, connect_seconds)

    async def get(self, url: str, headers: Mapping[str, str], *, connect_seconds: float | None = None) -> Reply:
        """As `post`."""
        target = target_of(url)
        return await self._send(target, get_head(target, headers), b"", connect_seconds)

    async def close(self) -> None:
        """Closes all connections, those in use too."""
        if self._pool is not None:
            await self._pool.close()

    async def _send(self, target: Target, head: bytes, body: bytes, connect_seconds: float | None) -> Reply:
        pool = self._pool
        if pool is None:
            pool = self._pool = Pool(self._max_age_seconds, self._idle_seconds)
        kept = pool.take(target.origin)
        if kept is not None:
            try:
                return await kept.ask(head, body).head()
            except ConnectionLost:
                if not kept.stale:
                    raise
        connection = await self._connected(pool, target, connect_seconds)
        return await connection.ask(head, body).head()

    async def _connected(self, pool: Pool, target: Target, connect_seconds: float | None) -> Connection:
        limit_seconds = self._connect_seconds
        if connect_seconds is not None:
            limit_seconds = min(limit_seconds, connect_seconds)
        connection = await connected(
            lambda: pool.new(target.origin),
            target.origin,
            tls=self._tls,
            resolve=self._resolve,
            limit_seconds=limit_seconds,
        )
        pool.opened(connection)
        return connection
