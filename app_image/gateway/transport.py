"""The only module that knows which HTTP client calls the upstreams: swap the client here.

It translates the client's errors, and replaces its connections before they are a minute old so that changes of DNS
and of load balancers are followed. It neither retries nor follows redirects, and never sets a time limit apart from
the one on connecting: waiting is limited by gateway.watch.
"""

import asyncio
import io
from collections.abc import Mapping
from functools import lru_cache

import aiohttp
from yarl import URL

from gateway.errors import ConnectFailed, ConnectionLost, ConnectTimedOut

MAX_CONNECTION_AGE_SECONDS = 60.0
# An idle connection outlives its session by at most this, so the two together stay below the maximum.
_IDLE_SECONDS = 15.0
_SESSION_SECONDS = MAX_CONNECTION_AGE_SECONDS - _IDLE_SECONDS
# How long the end of a whole answer is waited for, to keep its connection for the next request.
_FINISH_SECONDS = 0.1
# Larger bodies are written in pieces; the client warns when given as one.
_ONE_PIECE_BYTES = 1024 * 1024


class Reply:
    """An upstream's answer: its head has come, its body has not."""

    __slots__ = ("_generation", "_response", "content_type", "retry_after", "status")

    def __init__(self, response: aiohttp.ClientResponse, generation: "_Generation") -> None:
        self._response = response
        self._generation: _Generation | None = generation
        self.status = response.status
        self.content_type = response.headers.get("content-type", "")
        self.retry_after = response.headers.get("retry-after")

    async def read(self) -> bytes:
        """The bytes that came since the last call; empty at the end. Raises ConnectionLost."""
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLost from error

    async def finish(self) -> None:
        """The caller has all that it needs: keep the connection if the body ends at once."""
        try:
            async with asyncio.timeout(_FINISH_SECONDS):
                while await self._response.content.readany():
                    pass
        except (aiohttp.ClientError, OSError, TimeoutError):
            pass
        finally:
            self.abort()

    def abort(self) -> None:
        """Close the connection, unless the body was read to its end."""
        self._response.close()
        if self._generation is not None:
            self._generation.leave()
            self._generation = None


class Transport:
    """Connections to all upstreams."""

    def __init__(self, connect_seconds: float, session_seconds: float = _SESSION_SECONDS) -> None:
        self._connect_seconds = connect_seconds
        self._session_seconds = session_seconds
        self._current: _Generation | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Returns when the answer's head has come. Raises ConnectFailed, ConnectTimedOut or ConnectionLost."""
        generation = self._generation()
        generation.enter()
        response = None
        try:
            data = body if len(body) < _ONE_PIECE_BYTES else io.BytesIO(body)
            response = await generation.session.post(_parsed(url), data=data, headers=headers, allow_redirects=False)
        except aiohttp.ConnectionTimeoutError:
            raise ConnectTimedOut from None
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            raise ConnectFailed from error
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLost from error
        finally:
            if response is None:
                generation.leave()
        return Reply(response, generation)

    async def close(self) -> None:
        if self._current is not None:
            self._current.retire()
            self._current = None
        while self._closing:
            await asyncio.wait(self._closing)

    def _generation(self) -> "_Generation":
        now = asyncio.get_running_loop().time()
        if self._current is not None and now >= self._current.ends_at:
            self._current.retire()
            self._current = None
        if self._current is None:
            self._current = _Generation(_session(self._connect_seconds), now + self._session_seconds, self._closing)
        return self._current


class _Generation:
    """A session that takes no new requests after `ends_at` and closes after its last one."""

    def __init__(self, session: aiohttp.ClientSession, ends_at: float, closing: set[asyncio.Task[None]]) -> None:
        self.session = session
        self.ends_at = ends_at
        self._closing = closing
        self._in_flight = 0
        self._retired = False

    def enter(self) -> None:
        self._in_flight += 1

    def leave(self) -> None:
        self._in_flight -= 1
        self._close_when_done()

    def retire(self) -> None:
        self._retired = True
        self._close_when_done()

    def _close_when_done(self) -> None:
        if self._retired and self._in_flight == 0:
            task = asyncio.ensure_future(self.session.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


def _session(connect_seconds: float) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        # No limit of connections: admission is decided before a request comes here, and a queue here would be hidden.
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_SECONDS),
        timeout=aiohttp.ClientTimeout(total=None, connect=connect_seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("accept-encoding", "user-agent"),
        auto_decompress=False,
    )


@lru_cache(maxsize=8)
def _parsed(url: str) -> URL:
    return URL(url)
