"""One task: what a key may take in a minute, what is given back, and what a client hears."""

from decimal import Decimal

import pytest
from gateway.errors import ApiError
from gateway.keys.key import Key
from gateway.limits.key_limits import KeyLimits, may_take
from gateway.limits.reservation import Reservation
from gateway.tables.errors import TableFailed

from tests.gateway.clock import WallClock
from tests.gateway.tables.unreliable import UnreliableTable

FEW = Key("alice", requests_per_minute=3)
TOKENS = Key("alice", tokens_per_minute=1000)


class World:
    def __init__(self) -> None:
        self.table = UnreliableTable()
        self.clock = WallClock()
        self.tasks = 1
        self.spent = 0
        self.limits = self.another_task()

    def another_task(self) -> KeyLimits:
        return KeyLimits(self.table, lambda: self.tasks, lambda _: self.spent, self.clock)

    def take(self, key: Key, tokens: int = 1) -> Reservation:
        return self.limits.reserve(key, tokens)

    def refused(self, key: Key, tokens: int = 1) -> tuple[ApiError, dict[str, str]]:
        with pytest.raises(ApiError) as refusal:
            self.limits.reserve(key, tokens)
        return refusal.value, {name.decode(): value.decode() for name, value in refusal.value.headers}

    async def kept(self) -> dict[str, object]:
        item = await self.table.get(f"minute#{int(self.clock() // 60)}", "key#alice") or {}
        return {name: value for name, value in item.items() if name in ("requests", "tokens")}


def test_a_key_without_limits_takes_nothing() -> None:
    world = World()
    for _ in range(1000):
        world.take(Key("alice"), 10**9).settle(10**9)


def test_the_request_after_the_last_is_told_when_to_come_again() -> None:
    world = World()
    world.clock.set("2026-11-25T12:00:18")
    for _ in range(3):
        world.take(FEW)
    error, headers = world.refused(FEW)
    assert error.status == 429 and b'"code":"rate_limit_exceeded"' in error.body
    assert headers == {
        "retry-after": "42",
        "x-ratelimit-limit-requests": "3",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "42s",
    }


def test_the_next_minute_is_a_new_one() -> None:
    world = World()
    for _ in range(3):
        world.take(FEW)
    world.clock.seconds += 60
    world.take(FEW)


def test_a_rejected_request_takes_nothing() -> None:
    world = World()
    both = Key("alice", requests_per_minute=2, tokens_per_minute=1000)
    world.take(both, 900)
    for _ in range(50):
        world.refused(both, 200)
    world.take(both, 100)


async def test_a_rejected_request_adds_nothing_to_the_table() -> None:
    world = World()
    for _ in range(3):
        world.take(FEW, 7)
    for _ in range(5):
        world.refused(FEW, 7)
    await world.limits.settle()
    assert await world.kept() == {"requests": 3, "tokens": 21}


def test_tokens_are_reserved_at_admission_and_settled_on_what_was_used() -> None:
    world = World()
    reserved = world.take(TOKENS, 900)
    world.refused(TOKENS, 200)
    reserved.settle(100)
    world.take(TOKENS, 900)


def test_using_more_than_reserved_counts() -> None:
    world = World()
    world.take(TOKENS, 100).settle(950)
    world.refused(TOKENS, 51)
    world.take(TOKENS, 50)


def test_a_refund_gives_back_the_request_and_its_tokens() -> None:
    world = World()
    both = Key("alice", requests_per_minute=1, tokens_per_minute=1000)
    world.take(both, 1000).refund()
    world.take(both, 1000)


@pytest.mark.parametrize("first", ["settle", "refund"])
def test_only_the_first_end_of_a_reservation_counts(first: str) -> None:
    world = World()
    reservation = world.take(TOKENS, 600)
    reservation.settle(600) if first == "settle" else reservation.refund()
    for _ in range(3):
        reservation.refund()
        reservation.settle(0)
    left = 400 if first == "settle" else 1000
    world.refused(TOKENS, left + 1) if left < 1000 else None
    world.take(TOKENS, left)
    world.refused(TOKENS, 1)


async def test_what_was_settled_with_the_table_can_still_be_given_back() -> None:
    world = World()
    reservation = world.take(TOKENS, 1000)
    await world.limits.settle()
    reservation.refund()
    assert world.take(TOKENS, 1000)
    await world.limits.settle()
    assert await world.kept() == {"requests": 1, "tokens": 1000}


def test_nothing_is_given_back_to_a_later_minute_but_more_use_counts_there() -> None:
    world = World()
    old, older = world.take(TOKENS, 500), world.take(TOKENS, 500)
    world.clock.seconds += 60
    old.refund()
    world.take(TOKENS, 1000)
    world.clock.seconds += 60
    older.settle(1400)
    world.refused(TOKENS, 101)
    world.take(TOKENS, 100)


def test_a_request_larger_than_the_limit_is_told_so_and_not_to_try_again() -> None:
    error, headers = World().refused(TOKENS, 1001)
    assert "1001 tokens" in str(error) and "1000 a minute" in str(error)
    assert headers == {"x-should-retry": "false"}


def test_a_spent_budget_is_insufficient_quota_until_it_is_raised() -> None:
    world = World()
    key = Key("alice", monthly_budget_usd=Decimal("0.50"))
    world.spent = 499_999_999
    world.take(key)
    world.spent = 500_000_000
    error, headers = world.refused(key)
    assert error.status == 429 and b'"code":"insufficient_quota"' in error.body and "$0.50" in str(error)
    assert headers == {"x-should-retry": "false"}
    world.take(Key("alice", monthly_budget_usd=Decimal(1)))


@pytest.mark.parametrize("jump_seconds", [-86_400, 86_400])
def test_a_wall_clock_that_jumps_starts_a_new_minute_and_breaks_nothing(jump_seconds: int) -> None:
    world = World()
    taken = [world.take(FEW) for _ in range(3)]
    world.clock.seconds += jump_seconds
    for reservation in taken:
        reservation.refund()
    for _ in range(3):
        world.take(FEW)
    world.refused(FEW)


async def test_what_other_tasks_used_counts_after_the_next_round() -> None:
    world = World()
    other = world.another_task()
    for _ in range(2):
        other.reserve(FEW, 1)
    await other.settle()
    world.take(FEW)
    await world.limits.settle()
    world.refused(FEW)


async def test_what_another_task_gave_back_can_be_taken_here_though_this_one_adds_nothing() -> None:
    world = World()
    other = world.another_task()
    taken = [other.reserve(FEW, 1) for _ in range(3)]
    await other.settle()
    world.take(FEW)
    await world.limits.settle()
    world.refused(FEW)
    for reservation in taken:
        reservation.refund()
    await other.settle()
    await world.limits.settle()
    world.take(FEW)


def test_a_task_takes_only_its_share_before_it_asks_again() -> None:
    world = World()
    world.tasks = 3
    ten = Key("alice", requests_per_minute=10)
    for _ in range(4):
        world.take(ten)
    _, headers = world.refused(ten)
    assert headers["retry-after"] == "1", "the next round may allow it"


def test_while_the_table_fails_a_task_has_its_share() -> None:
    world = World()
    world.tasks, world.table.broken = 2, True
    ten = Key("alice", requests_per_minute=10)
    for _ in range(5):
        world.take(ten)
    world.refused(ten)


async def test_what_a_failing_table_did_not_take_is_added_within_its_minute_and_dropped_after_it() -> None:
    world = World()
    world.table.broken = True
    world.take(FEW)
    with pytest.raises(TableFailed):
        await world.limits.settle()
    world.table.broken = False
    await world.limits.settle()
    assert await world.kept() == {"requests": 1, "tokens": 1}
    world.take(FEW)
    world.clock.seconds += 60
    before = world.table.additions
    await world.limits.settle()
    assert world.table.additions == before


async def test_minutes_that_are_over_leave_nothing_behind() -> None:
    world = World()
    for minute in range(50):
        world.take(Key(f"key-{minute}", requests_per_minute=1))
        await world.limits.settle()
        world.clock.seconds += 60
    world.take(FEW)
    assert len(world.limits._used) == 0 and len(world.limits._counters) == 1


@pytest.mark.parametrize(
    ("left", "taken", "asked", "tasks", "may"),
    [
        (0, 0, 1, 1, False),
        (-5, 0, 1, 1, False),
        (1, 0, 1, 5, True),
        (2, 1, 1, 5, False),
        (10, 4, 1, 2, True),
        (10, 5, 1, 2, False),
        (1000, 0, 900, 3, True),
        (1000, 1, 900, 3, False),
        (1000, 0, 1001, 1, False),
        (10, -3, 4, 2, True),
        (0, -3, 3, 2, True),
        (0, -3, 4, 2, False),
    ],
)
def test_the_rule(left: int, taken: int, asked: int, tasks: int, may: bool) -> None:
    assert may_take(left, taken, asked, tasks) is may
