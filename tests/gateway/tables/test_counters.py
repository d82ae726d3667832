"""Counts reach the table once, however it behaves; only a lost answer can make them count twice."""

import asyncio
from collections.abc import Mapping

import pytest
from gateway.tables.counters import Address, Counters
from gateway.tables.errors import TableFailed

from tests.gateway.tables.unreliable import UnreliableTable

HERE = ("month#2026-11", "key#alice")
THERE = ("month#2026-11", "key#bob")


class World:
    def __init__(self) -> None:
        self.table = UnreliableTable()
        self.told: dict[Address, Mapping[str, int]] = {}
        self.counters = Counters(self.table, self.told.__setitem__)

    def count(self, amount: int, address: Address = HERE) -> None:
        self.counters.count(address, {"tokens": amount}, 99)

    async def tokens(self, address: Address = HERE) -> object:
        item = await self.table.get(*address)
        return item and item["tokens"]


async def test_what_was_counted_is_added_once_and_the_sum_is_told() -> None:
    world = World()
    world.count(2)
    world.count(3)
    await world.counters.settle()
    await world.counters.settle()
    assert await world.tokens() == 5
    assert world.told == {HERE: {"tokens": 5}}
    assert world.table.additions == 1
    assert len(world.counters) == 0


async def test_nothing_is_lost_while_the_table_fails() -> None:
    world = World()
    world.table.broken = True
    world.count(2)
    for _ in range(3):
        with pytest.raises(TableFailed):
            await world.counters.settle()
        world.count(1)
    world.table.broken = False
    await world.counters.settle()
    assert await world.tokens() == 5


async def test_what_is_counted_during_an_addition_is_added_with_the_next() -> None:
    world = World()
    world.count(2)
    world.table.gate.clear()
    settling = asyncio.ensure_future(world.counters.settle())
    await world.table.reached.wait()
    world.count(5)
    assert world.counters.open(HERE) == {"tokens": 7}, "until the table confirms, it is open"
    world.table.gate.set()
    await settling
    assert world.counters.open(HERE) == {"tokens": 5}
    await world.counters.settle()
    assert await world.tokens() == 7


async def test_after_a_lost_answer_the_table_has_too_much_and_never_too_little() -> None:
    world = World()
    world.count(2)
    world.table.answers_lost = True
    with pytest.raises(TableFailed):
        await world.counters.settle()
    world.table.answers_lost = False
    await world.counters.settle()
    assert await world.tokens() == 4


async def test_an_item_that_always_fails_does_not_keep_others_from_their_turn() -> None:
    world = World()
    for number in range(8):
        world.count(1, ("pk", f"bad{number}"))
    world.count(1, THERE)
    add = world.table.add

    async def picky(pk: str, sk: str, amounts: Mapping[str, int], expires_at: int) -> Mapping[str, int]:
        if sk.startswith("bad"):
            raise TableFailed("ValidationException")
        return await add(pk, sk, amounts, expires_at)

    world.table.add = picky  # type: ignore[method-assign]
    for _ in range(3):
        with pytest.raises(TableFailed):
            await world.counters.settle()
    assert await world.tokens(THERE) == 1


async def test_counting_nothing_asks_for_the_sums() -> None:
    world = World()
    await world.table.add(*HERE, {"tokens": 9}, 99)
    world.count(0)
    await world.counters.settle()
    assert world.told == {HERE: {"tokens": 9}}


async def test_what_was_forgotten_during_its_addition_stays_forgotten() -> None:
    world = World()
    world.count(2)
    world.table.gate.clear()
    settling = asyncio.ensure_future(world.counters.settle())
    await world.table.reached.wait()
    world.counters.forget(HERE)
    world.table.gate.set()
    await settling
    assert HERE not in world.counters
