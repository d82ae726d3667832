"""A scripted upstream: a raw HTTP server on a free loopback port that can misbehave on the wire.

A script is a list of steps. Bytes are written as they are; HANG waits until the gateway leaves; RESET aborts the
connection; PAUSE lets the network deliver what was written so far. When the steps are over the connection is kept,
unless CUT closes it. Instead of a script, a function may make one of each request.
"""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

LEAVE_SECONDS = 2.0
ARRIVE_SECONDS = 20.0


class Step(Enum):
    HANG = "hang"
    PAUSE = "pause"
    RESET = "reset"
    CUT = "cut"


HANG, PAUSE, RESET, CUT = Step
Script = Iterable[bytes | Step]


@dataclass
class Seen:
    """A request as it reached the upstream. `number`: from 1, which one it was."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    connection: int
    number: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def was_left(self) -> bool:
        """Whether the gateway closed the connection soon."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self.left.wait()
        except TimeoutError:
            return False
        return True


class Upstream:
    """Answers every request with `script`, and remembers what it saw."""

    def __init__(self) -> None:
        self.script: Script | Callable[[Seen], Script] = ()
        self.seen: list[Seen] = []
        self._arrivals = asyncio.Semaphore(0)
        self._port = 0
        self._connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def only(self) -> Seen:
        (seen,) = self.seen
        return seen

    async def saw(self, count: int = 1) -> None:
        """Returns when that many more requests have arrived. Raises TimeoutError when they do not."""
        async with asyncio.timeout(ARRIVE_SECONDS):
            for _ in range(count):
                await self._arrivals.acquire()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Upstream"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._connections += 1
        number = self._connections
        try:
            while (seen := await _request(reader, number)) is not None:
                self.seen.append(seen)
                seen.number = len(self.seen)
                self._arrivals.release()
                await self._play(seen, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, _Cut):
            pass
        except asyncio.CancelledError:
            pass  # the end of `open`; Python 3.11 logs an error for a connection's task that was cancelled
        finally:
            writer.close()

    async def _play(self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for step in self.script(seen) if callable(self.script) else self.script:
            match step:
                case Step.HANG:
                    await reader.read()
                    seen.left.set()
                    raise _Cut
                case Step.PAUSE:
                    await asyncio.sleep(0.03)
                case Step.RESET:
                    _reset(writer)
                    raise _Cut
                case Step.CUT:
                    raise _Cut
                case _:
                    writer.write(step)
                    await writer.drain()


class _Cut(Exception):
    pass


async def _request(reader: asyncio.StreamReader, connection: int) -> Seen | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))) or b"{}")
    return Seen(first.split()[1], headers, body, connection)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
