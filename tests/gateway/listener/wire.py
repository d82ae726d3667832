"""A listener with small limits before an application that the test holds, and a client of raw bytes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from gateway.listener import Listener, bind

HEAD_SECONDS = 0.15
HEAD_BYTES = 2048
SOON_SECONDS = 2.0
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


@dataclass
class Application:
    """Answers every request with its path, once `go` is set. It reads bodies only of paths that begin with /read, and
    declares no length for paths that begin with /stream."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    seen: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen.append(scope["path"])
        body = scope["path"].encode()
        while body.startswith(b"/read") and (message := await receive())["type"] == "http.request":
            if not message["more_body"]:
                break
        head = [] if body.startswith(b"/stream") else [(b"content-length", b"%d" % (2 * len(body)))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await self.go.wait()
        await send({"type": "http.response.body", "body": body})


@dataclass
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, *pieces: bytes, pause_seconds: float = 0.01) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(pause_seconds)

    async def heard(self, what: bytes) -> bytes:
        async with asyncio.timeout(SOON_SECONDS):
            return await self.reader.readuntil(what)

    async def rest(self) -> bytes:
        """Everything until the listener says no more; raises TimeoutError when it goes on."""
        async with asyncio.timeout(SOON_SECONDS):
            return await self.reader.read()

    async def was_closed(self) -> bool:
        """Whether the listener closes the connection soon, without a word."""
        try:
            return await self.rest() == b""
        except ConnectionError:
            return True  # on bytes that it had not read

    async def stays(self, seconds: float) -> bool:
        """Whether the connection is open, and silent, for as long."""
        try:
            async with asyncio.timeout(seconds):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False

    async def is_cut_off(self) -> bool:
        """Whether what is sent is soon no longer taken."""
        try:
            async with asyncio.timeout(SOON_SECONDS):
                while True:
                    self.writer.write(b"x")
                    await self.writer.drain()
                    await asyncio.sleep(0.01)
        except ConnectionError:
            return True


@dataclass
class Scene:
    app: Application
    port: int

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Client(reader, writer)
        finally:
            writer.close()


@asynccontextmanager
async def listening(keep_alive_seconds: float = 75) -> AsyncIterator[Scene]:
    app = Application()
    app.go.set()
    listener = Listener(
        app,
        bind("127.0.0.1", 0),
        keep_alive_seconds,  # type: ignore[arg-type]  # uvicorn takes fractions too
        head_seconds=HEAD_SECONDS,
        head_bytes=HEAD_BYTES,
    )
    await listener.start()
    try:
        yield Scene(app, listener.port)
    finally:
        app.go.set()
        await listener.stop()
