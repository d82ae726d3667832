"""What was used is counted once, priced by tier, kept over a failing table, and belongs to its month."""

import logging

import pytest
from gateway.metering import meter as metering
from gateway.metering.meter import Meter
from gateway.outcome import TierName
from gateway.settings import Price
from gateway.tables.errors import TableFailed

from tests.gateway.clock import WallClock
from tests.gateway.tables.account import moto_table
from tests.gateway.tables.unreliable import UnreliableTable

PRICES = {TierName.OPENAI: Price(2.5, 10.0), TierName.VLLM: Price()}
REQUEST_NANO_USD = 2_750_000
"""700 + 100 tokens at the list price of GPT-4o: $0.00275, the articles' figure."""
NOVEMBER, DECEMBER = "month#2026-11", "month#2026-12"


class World:
    def __init__(self) -> None:
        self.table = UnreliableTable()
        self.clock = WallClock()
        self.meter = self.another_task()

    def another_task(self) -> Meter:
        return Meter(self.table, PRICES, self.clock)

    def record(self, key: str = "alice", tier: TierName = TierName.OPENAI) -> int:
        return self.meter.record(key, tier, "gpt-4o", 700, 100)

    async def kept(self, month: str = NOVEMBER) -> dict[str, dict[str, object]]:
        hidden = ("pk", "sk", "expires_at")
        items = await self.table.query(month)
        return {str(item["sk"]): {k: v for k, v in item.items() if k not in hidden} for item in items}


async def test_a_request_costs_its_tiers_price() -> None:
    world = World()
    assert world.record() == REQUEST_NANO_USD
    assert world.record(tier=TierName.VLLM) == 0
    await world.meter.settle()
    used = {"requests": 1, "prompt_tokens": 700, "completion_tokens": 100}
    assert await world.kept() == {
        "key#alice#openai#gpt-4o": {**used, "nano_usd": REQUEST_NANO_USD},
        "key#alice#vllm#gpt-4o": {**used, "nano_usd": 0},
        "total#key#alice": {"nano_usd": REQUEST_NANO_USD},
        "total#tier#openai": {"nano_usd": REQUEST_NANO_USD},
    }


async def test_a_tier_without_a_price_costs_nothing() -> None:
    assert Meter(UnreliableTable(), {}).record("alice", TierName.OPENAI, "gpt-4o", 700, 100) == 0


async def test_a_self_hosted_model_may_have_a_price_too() -> None:
    meter = Meter(UnreliableTable(), {TierName.VLLM: Price(0.1, 0.2)})
    assert meter.record("alice", TierName.VLLM, "m", 1000, 1000) == 300_000


async def test_counts_expire_after_400_days() -> None:
    world = World()
    world.record()
    await world.meter.settle()
    item = await world.table.get(NOVEMBER, "total#key#alice")
    assert item is not None and item["expires_at"] == int(world.clock()) + 400 * 86_400


async def test_what_is_known_of_a_month_is_the_table_and_what_is_not_added_yet() -> None:
    world = World()
    world.record()
    assert world.meter.month_nano_usd("alice") == REQUEST_NANO_USD
    await world.meter.settle()
    world.record()
    assert world.meter.month_nano_usd("alice") == 2 * REQUEST_NANO_USD
    assert world.meter.tier_month_nano_usd(TierName.OPENAI) == 2 * REQUEST_NANO_USD
    assert world.meter.month_nano_usd("bob") == 0


async def test_a_new_task_learns_what_others_added() -> None:
    world = World()
    world.record()
    await world.meter.settle()
    fresh = world.another_task()
    assert fresh.month_nano_usd("alice") == 0
    await fresh.refresh()
    assert fresh.month_nano_usd("alice") == REQUEST_NANO_USD
    assert fresh.tier_month_nano_usd(TierName.OPENAI) == REQUEST_NANO_USD


async def test_adding_for_a_key_learns_what_others_added_for_it() -> None:
    world = World()
    other = world.another_task()
    other.record("alice", TierName.OPENAI, "gpt-4o", 700, 100)
    await other.settle()
    world.record()
    await world.meter.settle()
    assert world.meter.month_nano_usd("alice") == 2 * REQUEST_NANO_USD


async def test_an_older_reading_lowers_no_sum() -> None:
    world = World()
    world.record()
    await world.meter.settle()
    await world.table.put([{"pk": NOVEMBER, "sk": "total#key#alice", "nano_usd": 1}])
    await world.meter.refresh()
    assert world.meter.month_nano_usd("alice") == REQUEST_NANO_USD


async def test_nothing_is_lost_while_the_table_fails_and_budgets_still_see_it() -> None:
    world = World()
    world.table.broken = True
    for _ in range(3):
        world.record()
        with pytest.raises(TableFailed):
            await world.meter.settle()
    with pytest.raises(TableFailed):
        await world.meter.refresh()
    assert world.meter.month_nano_usd("alice") == 3 * REQUEST_NANO_USD
    world.table.broken = False
    await world.meter.settle()
    assert (await world.kept())["total#key#alice"] == {"nano_usd": 3 * REQUEST_NANO_USD}


async def test_a_new_month_starts_at_nothing_and_the_old_one_keeps_what_was_counted_in_it() -> None:
    world = World()
    world.clock.set("2026-11-30T23:59:59.9")
    world.record()
    world.clock.set("2026-12-01T00:00:00")
    assert world.meter.month_nano_usd("alice") == 0
    world.record()
    await world.meter.settle()
    assert (await world.kept(NOVEMBER))["total#key#alice"] == {"nano_usd": REQUEST_NANO_USD}
    assert (await world.kept(DECEMBER))["total#key#alice"] == {"nano_usd": REQUEST_NANO_USD}
    await world.meter.refresh()
    assert {month for month, _ in world.meter._known} == {DECEMBER}


async def test_a_wall_clock_that_goes_back_counts_in_the_month_that_it_says() -> None:
    world = World()
    world.clock.set("2026-12-01T00:00:00")
    world.record()
    world.clock.set("2026-11-30T23:00:00")
    assert world.meter.month_nano_usd("alice") == 0
    world.record()
    assert world.meter.month_nano_usd("alice") == REQUEST_NANO_USD


async def test_memory_is_bounded_and_loses_a_name_before_it_loses_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metering, "_MOST_COUNTERS", 3)
    world = World()
    for number in range(10):
        world.meter.record("alice", TierName.VLLM, f"model-{number}", 1, 1)
    await world.meter.settle()
    kept = await world.kept()
    assert len(kept) == 4
    assert sum(int(str(counts["requests"])) for counts in kept.values()) == 10


async def test_what_could_not_be_added_before_the_end_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.record()
    with caplog.at_level(logging.ERROR, "gateway"):
        world.meter.tell_loss()
    (message,) = caplog.messages
    assert "key#alice#openai#gpt-4o" in message and "'nano_usd': 2750000" in message


async def test_dynamodb_counts_alike() -> None:
    with moto_table() as table:
        first, second = Meter(table, PRICES, WallClock()), Meter(table, PRICES, WallClock())
        for meter in (first, second):
            meter.record("alice", TierName.OPENAI, "gpt-4o", 700, 100)
            await meter.settle()
        await first.refresh()
        assert first.month_nano_usd("alice") == second.month_nano_usd("alice") == 2 * REQUEST_NANO_USD
