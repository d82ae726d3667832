"""Serves an ASGI application on one socket with uvicorn's HTTP protocol, and stops when it is told to, not before.

uvicorn's own Server is not used: it closes its listener on SIGTERM, and a draining task must go on accepting.
"""

import asyncio
import contextlib
import os
import socket
from email.utils import formatdate
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from gateway.errors import CannotListen
from gateway.http_protocol import GuardedProtocol

_BACKLOG = 2048
_CLOSE_SECONDS = 1.0


def bind(address: str, port: int) -> socket.socket:
    """Raises CannotListen."""
    try:
        return _listening(address, port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise CannotListen(
            f"cannot listen on {address}:{port}: {reason}; free the port (`ss -ltnp` shows who holds it) "
            "or set SWITCHYARD_BIND_ADDRESS to an address of this machine"
        ) from None


def _listening(address: str, port: int) -> socket.socket:
    family, kind, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # Said explicitly, because asyncio sets TCP_NODELAY only on sockets whose protocol is TCP by name. Without it
    # the body of each answer on a reused connection waits 40 ms for the acknowledgement of its head.
    bound = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(place)
        bound.listen(_BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound


class Listener:
    """Open from `start` to `stop`. `head_seconds` and `head_bytes` limit a request's head."""

    def __init__(
        self,
        app: Any,
        bound: socket.socket,
        keep_alive_seconds: int,
        *,
        head_seconds: float = 10.0,
        head_bytes: int = 64 * 1024,
    ) -> None:
        self._config = uvicorn.Config(
            app,
            interface="asgi3",
            http=GuardedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=keep_alive_seconds,
        )
        self._head_seconds = head_seconds
        self._head_bytes = head_bytes
        self._socket = bound
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self._clock: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    async def start(self) -> None:
        self._config.load()
        self._tell_date()
        self._server = await asyncio.get_running_loop().create_server(
            self._protocol,
            sock=self._socket,
            backlog=_BACKLOG,
        )

    async def stop(self) -> None:
        """Closes the listener and idle connections; the others when their answer is sent, but soon in any case."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                while self._state.connections or self._state.tasks:  # noqa: ASYNC110 - uvicorn's sets tell nobody
                    await asyncio.sleep(0.002)
        for task in self._state.tasks:
            task.cancel()
        if self._clock is not None:
            self._clock.cancel()

    def _protocol(self) -> GuardedProtocol:
        return GuardedProtocol(self._config, self._state, head_seconds=self._head_seconds, head_bytes=self._head_bytes)

    def _tell_date(self) -> None:
        self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        self._clock = asyncio.get_running_loop().call_later(1.0, self._tell_date)
