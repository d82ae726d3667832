"""A table in memory that fails, or waits, when the test says so."""

import asyncio
from collections.abc import Iterable, Mapping

from gateway.tables.errors import TableFailed
from gateway.tables.memory import MemoryTable
from gateway.tables.table import Item


class UnreliableTable(MemoryTable):
    """`broken`: nothing works. `answers_lost`: additions are made, but nobody hears of it. `gate`: clear to hold calls;
    `reached` tells that an addition waits there."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = False
        self.answers_lost = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.reached = asyncio.Event()
        self.additions = 0
        self.puts = 0

    async def get(self, pk: str, sk: str) -> Item | None:
        await self._reach()
        return await super().get(pk, sk)

    async def query(self, pk: str) -> list[Item]:
        await self._reach()
        return await super().query(pk)

    async def put(self, items: Iterable[Item]) -> None:
        self.puts += 1
        await self._reach()
        await super().put(items)

    async def delete(self, pk: str, sk: str) -> None:
        await self._reach()
        await super().delete(pk, sk)

    async def add(self, pk: str, sk: str, amounts: Mapping[str, int], expires_at: int) -> Mapping[str, int]:
        self.additions += 1
        self.reached.set()
        await self._reach()
        sums = await super().add(pk, sk, amounts, expires_at)
        if self.answers_lost:
            raise TableFailed("read timeout")
        await self.gate.wait()
        return sums

    async def _reach(self) -> None:
        await self.gate.wait()
        if self.broken:
            raise TableFailed("the table is down")
