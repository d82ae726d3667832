"""A raw server on a free loopback port, and what a client's answer was. What it does is up to each test's handler."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.upstream.client import Transport
from gateway.upstream.reply import Reply

SOON_SECONDS = 2.0
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

Handler = Callable[["Visit"], Awaitable[None]]


@dataclass
class Visit:
    """One connection as the server sees it."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> bytes:
        """A whole one: head and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        _, _, length = head.lower().partition(b"content-length: ")
        return head + await self.reader.readexactly(int(length.split(b"\r\n")[0] or 0) if length else 0)

    async def say(self, *pieces: bytes) -> None:
        """Each piece on its own way."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.001)

    async def left(self) -> None:
        """Returns when the client has closed the connection."""
        try:
            while await self.reader.read(1 << 16):
                pass
        except ConnectionError:
            pass


@dataclass
class Peer:
    """`visits` are all connections so far."""

    port: int = 0
    scheme: str = "http"
    visits: list[Visit] = field(default_factory=list)
    left: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/v1"

    def stop(self) -> None:
        """From here on connections are refused."""
        if self.server is not None:
            self.server.close()

    async def was_left(self) -> bool:
        """Whether some connection is over soon."""
        async with asyncio.timeout(SOON_SECONDS):
            await self.left.get()
        return True


@asynccontextmanager
async def listening(handler: Handler, *, tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[Peer]:
    """Runs `handler` for each connection, and closes it after that."""
    peer = Peer(scheme="https" if tls else "http")
    tasks: set[asyncio.Task[None]] = set()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            tasks.add(task)
        visit = Visit(len(peer.visits) + 1, reader, writer)
        peer.visits.append(visit)
        try:
            await handler(visit)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a task of start_server must not end as cancelled: Python 3.11 logs that as an error
        finally:
            writer.transport.abort()
            peer.left.put_nowait(visit.number)

    server = peer.server = await asyncio.start_server(visit, "127.0.0.1", port, ssl=tls, limit=1 << 16)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        await asyncio.sleep(0.01)  # what was just accepted becomes a task; a server that is closed first breaks on it
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)
        await asyncio.sleep(0)


@asynccontextmanager
async def transport(connect_seconds: float = 1.0, **changes: object) -> AsyncIterator[Transport]:
    opened = Transport(connect_seconds, **changes)  # type: ignore[arg-type]
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def dropping(address: str = "127.0.0.1") -> AsyncIterator[int]:
    """A port whose backlog is full: the kernel drops what asks for another connection."""
    with socket.socket() as listener:
        listener.bind((address, 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        await asyncio.sleep(0.02)
        try:
            yield listener.getsockname()[1]
        finally:
            for client in waiting:
                client.close()


async def body_of(reply: Reply) -> bytes:
    parts = bytearray()
    while data := await reply.read():
        parts += data
    return bytes(parts)


async def ask(client: Transport, peer: Peer) -> bytes:
    return await body_of(await client.post(peer.url, {}, b"{}"))


def answering(*pieces: bytes, then_close: bool = False) -> Handler:
    """The same answer to every request."""

    async def handler(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.say(*pieces)
            if then_close:
                return

    return handler


async def silent(visit: Visit) -> None:
    """Takes everything and says nothing."""
    await visit.left()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def soon(condition: Callable[[], bool]) -> None:
    """Returns when it holds; fails if it does not soon."""
    async with asyncio.timeout(SOON_SECONDS):
        while not condition():  # noqa: ASYNC110 - what is waited for is outside of this loop's reach
            await asyncio.sleep(0.005)
