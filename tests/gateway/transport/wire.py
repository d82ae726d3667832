"""A connection without a network, for what must happen in one turn of the event loop."""

import asyncio

from gateway.upstream.connection import Connection
from gateway.upstream.pool import Pool
from gateway.upstream.request import Origin

ORIGIN = Origin("vllm", 8001, False)


class Wire(asyncio.Transport):
    """Goes nowhere; closing it is told to the protocol as an event loop tells it."""

    protocol: Connection

    def __init__(self) -> None:
        super().__init__()
        self._closing = False
        self.written = bytearray()
        self.reading = True

    def is_closing(self) -> bool:
        return self._closing

    def abort(self) -> None:
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def connected(pool: Pool, wire: Wire | None = None) -> Connection:
    wire = wire or Wire()
    connection = wire.protocol = pool.new(ORIGIN)
    connection.connection_made(wire)
    pool.opened(connection)
    return connection
