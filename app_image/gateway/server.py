"""The process: two listeners, two signals, and the order in which things start and end."""

import asyncio
import gc
import signal
import sys
from typing import BinaryIO

from gateway.composition import compose
from gateway.drain import Drain
from gateway.listener import Listener, bind
from gateway.metrics_page import MetricsPage
from gateway.settings import Settings
from gateway.tables.opened import OpenTables
from gateway.upstream.client import Transport

# New objects until the youngest are looked at, and how many of those runs until the older ones are.
_COLLECT_AFTER = (20_000, 20, 20)


class GatewayServer:
    """A gateway that serves from `start` to `stop`. Knows no signals, so that it also runs inside another process.

    `tables`: others than those of the settings.
    """

    def __init__(self, settings: Settings, log_stream: BinaryIO, tables: OpenTables | None = None) -> None:
        self.drain = Drain(settings.stop_timeout_seconds, settings.idle_grace_seconds)
        self._transport = Transport(settings.limits.connect_seconds)
        self.parts = compose(settings, self.drain, self._transport, log_stream, tables)
        keep_alive = settings.keep_alive_seconds
        self.public = Listener(
            self.parts.app,
            bind(settings.bind_address, settings.http_port),
            keep_alive,
            head_seconds=settings.limits.head_seconds,
            head_bytes=settings.limits.head_bytes,
        )
        self.metrics = Listener(
            MetricsPage(self.parts.metrics), bind(settings.bind_address, settings.metrics_port), keep_alive
        )

    async def start(self) -> None:
        """What is known beside the requests begins to be read before the first of them comes."""
        await self.parts.standing.start()
        if self.parts.cache is not None:
            await self.parts.cache.start()
        for job in self.parts.jobs:
            job.start()
        await self.metrics.start()
        await self.public.start()

    async def stop(self) -> None:
        """After the last request: writes what is still to be written, within seconds."""
        await self.public.stop()
        for job in self.parts.jobs:
            await job.stop()
        if self.parts.cache is not None:
            await self.parts.cache.stop()
        await self.parts.standing.stop()
        await self._transport.close()
        self.parts.request_log.flush()
        await self.metrics.stop()


async def serve(settings: Settings) -> None:
    """Returns when a signal asked for the end and what was in flight has been answered."""
    server = GatewayServer(settings, sys.stdout.buffer)
    loop = asyncio.get_running_loop()
    for asked in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(asked, server.drain.begin)
    await server.start()
    _collect_seldom()
    try:
        await server.drain.finished()
    finally:
        await server.stop()


def _collect_seldom() -> None:
    """A tenth of a request's time went into looking for cycles, of which requests leave few: what the process started
    with is left out, and new objects are looked at less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
