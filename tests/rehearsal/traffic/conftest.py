"""Runs the real generator against a planted door and hands back what it wrote down."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientTimeout
from yarl import URL

from rehearsal.traffic.client import Client, Target
from rehearsal.traffic.connections import Connections
from rehearsal.traffic.generator import Generator
from rehearsal.traffic.plan import Plan
from rehearsal.traffic.record import Record, RecordFile, read
from tests.rehearsal.traffic.door import Behaviour, answer, open_door

Observe = Callable[..., Awaitable[list[Record]]]

# More than a busy machine takes for an answer; the faults that hang take all of it.
PATIENCE = ClientTimeout(total=1.2, connect=0.8)


@pytest.fixture
def observe(tmp_path: Path) -> Observe:
    async def run(behave: Behaviour, *, stream_share: float, rate: float = 100, seconds: float = 0.06) -> list[Record]:
        async with open_door(behave) as door:
            return await generate(tmp_path / "traffic.jsonl", (door.address,), stream_share, rate, seconds)

    return run


async def generate(
    path: Path, nodes: tuple[str, ...], stream_share: float, rate: float, seconds: float, fresh_share: float = 0.5
) -> list[Record]:
    """Traffic for that long over plain HTTP."""
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    async with Connections(None, 5, PATIENCE) as connections:
        client = Client(Target(URL(f"http://{nodes[0]}"), "kestrel", "key"), connections, answer)
        with RecordFile(path) as records:
            await Generator(Plan("test", nodes, rate, stream_share, fresh_share), client, records).run(stop)
    return read(path)
