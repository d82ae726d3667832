"""How an upstream of a benchmark runs as a process of its own: it prints its port and serves until its input ends."""

import asyncio
import sys
from collections.abc import Callable

import uvloop

_BACKLOG = 2048


def run(protocol: Callable[[], asyncio.Protocol]) -> None:
    """On a free port of loopback, one `protocol` a connection."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(protocol))


async def _serve(protocol: Callable[[], asyncio.Protocol]) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, backlog=_BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
