"""Sums that several tasks add to: counted here at once, added to a table from time to time."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from gateway.tables.errors import TableFailed
from gateway.tables.table import Table

Address = tuple[str, str]
"""The `pk` and `sk` of an item."""

_AT_ONCE = 4
_ROUND_SECONDS = 5.0
_NOTHING: Mapping[str, int] = {}


class Counters:
    """What this task has counted and no table has confirmed yet.

    Nothing is lost while a table fails: what it did not confirm stays and is added with the next round. An addition
    whose answer got lost may have been made, so the table may have too much, never too little.
    """

    def __init__(self, table: Table, told: Callable[[Address, Mapping[str, int]], None]) -> None:
        """`told` gets the new sums of an item, in the moment in which what was added leaves `open`."""
        self._table = table
        self._told = told
        self._open: dict[Address, dict[str, int]] = {}
        self._expire: dict[Address, int] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, address: Address) -> bool:
        return address in self._open

    def __iter__(self) -> Iterator[Address]:
        return iter(self._open)

    def count(self, address: Address, amounts: Mapping[str, int], expires_at: int) -> None:
        """Amounts of 0 make the next round ask for the sums."""
        counted = self._open.setdefault(address, {})
        for name, amount in amounts.items():
            counted[name] = counted.get(name, 0) + amount
        self._expire[address] = expires_at

    def open(self, address: Address) -> Mapping[str, int]:
        return self._open.get(address, _NOTHING)

    def forget(self, address: Address) -> None:
        self._open.pop(address, None)
        self._expire.pop(address, None)

    async def settle(self) -> None:
        """One round. Raises the first TableFailed, with the rest left for the next round; so does a round that is long
        enough, because one that is cancelled would not know what the table took."""
        due = iter(list(self._open))
        ends_at = time.monotonic() + _ROUND_SECONDS
        while time.monotonic() < ends_at and (batch := list(islice(due, _AT_ONCE))):
            ended = await asyncio.gather(*map(self._settle, batch), return_exceptions=True)
            for failure in ended:
                if failure is not None:
                    raise failure

    async def _settle(self, address: Address) -> None:
        amounts = dict(self.open(address))
        if not amounts:
            return
        try:
            sums = await self._table.add(*address, amounts, self._expire[address])
        except TableFailed:
            self._last(address)
            raise
        self._confirm(address, amounts)
        self._told(address, sums)

    def _confirm(self, address: Address, amounts: Mapping[str, int]) -> None:
        counted = self._open.get(address)
        if counted is None:
            return
        for name, amount in amounts.items():
            counted[name] -= amount
        if not any(counted.values()):
            self.forget(address)

    def _last(self, address: Address) -> None:
        """An item that cannot be added to must not keep others from their turn."""
        if (counted := self._open.pop(address, None)) is not None:
            self._open[address] = counted
