"""What operators switch reaches a task within a reading, and a broken table changes nothing."""

import pytest
from gateway.outcome import TierName
from gateway.switches import Mode, Switches
from gateway.tables.errors import TableFailed
from gateway.tables.table import Value

from tests.gateway.tables.unreliable import UnreliableTable


class World:
    def __init__(self) -> None:
        self.table = UnreliableTable()
        self.resets: list[TierName] = []
        self.switches = Switches(self.table, self.resets.append)

    async def set(self, sk: str, **values: Value) -> None:
        await self.table.put([{"pk": "switch", "sk": sk, **values}])

    async def poll_with(self, number: int) -> None:
        await self.set("breaker#vllm", number=number)
        await self.switches.poll()


async def test_tiers_are_automatic_until_somebody_says_otherwise() -> None:
    world = World()
    assert world.switches.mode(TierName.VLLM) is Mode.AUTO
    await world.set("tier#vllm", mode="off", by="ana", at="2026-11-25T12:00:00Z", reason="drill")
    await world.set("tier#openai", mode="force")
    await world.switches.poll()
    assert world.switches.mode(TierName.VLLM) is Mode.OFF
    assert world.switches.mode(TierName.OPENAI) is Mode.FORCE


async def test_a_switch_that_is_gone_is_automatic() -> None:
    world = World()
    await world.set("tier#vllm", mode="off")
    await world.switches.poll()
    await world.table.delete("switch", "tier#vllm")
    await world.switches.poll()
    assert world.switches.mode(TierName.VLLM) is Mode.AUTO


async def test_a_broken_table_keeps_the_last_modes() -> None:
    world = World()
    await world.set("tier#vllm", mode="off")
    await world.switches.poll()
    world.table.broken = True
    with pytest.raises(TableFailed):
        await world.switches.poll()
    assert world.switches.mode(TierName.VLLM) is Mode.OFF


async def test_what_this_release_does_not_understand_changes_nothing() -> None:
    world = World()
    await world.set("tier#vllm", mode="off")
    await world.set("tier#oracle", mode="force")
    await world.switches.poll()
    await world.set("tier#vllm", mode="half")
    await world.set("breaker#vllm", number="many")
    await world.switches.poll()
    assert world.switches.mode(TierName.VLLM) is Mode.OFF and world.resets == []


async def test_a_higher_number_resets_a_breaker_once() -> None:
    world = World()
    await world.switches.poll()
    await world.poll_with(1)
    await world.poll_with(1)
    assert world.resets == [TierName.VLLM]
    assert world.switches.reset_number(TierName.VLLM) == 1
    assert world.switches.reset_number(TierName.OPENAI) == 0


async def test_the_first_reading_only_learns_the_numbers() -> None:
    world = World()
    world.table.broken = True
    with pytest.raises(TableFailed):
        await world.switches.poll()
    world.table.broken = False
    await world.poll_with(7)
    assert world.resets == []
    await world.poll_with(8)
    assert world.resets == [TierName.VLLM]


async def test_a_number_that_falls_is_no_order_and_neither_is_its_return() -> None:
    world = World()
    for number in (5, 0, 5):
        await world.poll_with(number)
    assert world.resets == []
