"""Several tasks, one table: however they interleave, and whatever fails, no more is admitted than is documented."""

import asyncio
import contextlib
from collections.abc import Callable
from itertools import product

from gateway.errors import ApiError
from gateway.keys.key import Key
from gateway.limits.key_limits import KeyLimits
from gateway.limits.reservation import Reservation
from gateway.tables.errors import TableFailed
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.clock import WallClock
from tests.gateway.tables.unreliable import UnreliableTable

LIMIT = 6
MOST_TASKS = 3
LARGEST = 4


class Fleet:
    """`admitted`: what stands, refunds taken off."""

    def __init__(self, tasks: int, key: Key) -> None:
        clock = WallClock()
        self.table = UnreliableTable()
        self.tasks = [KeyLimits(self.table, lambda: tasks, lambda _: 0, clock) for _ in range(tasks)]
        self.key = key
        self.taken: list[list[Reservation]] = [[] for _ in range(tasks)]

    @property
    def admitted(self) -> int:
        return sum(reservation.tokens for taken in self.taken for reservation in taken)

    def ask(self, task: int, tokens: int = 1) -> None:
        with contextlib.suppress(ApiError):
            self.taken[task].append(self.tasks[task].reserve(self.key, tokens))

    def give_back(self, task: int) -> None:
        if self.taken[task]:
            self.taken[task].pop().refund()

    async def settle(self, task: int) -> None:
        with contextlib.suppress(TableFailed):
            await self.tasks[task].settle()

    async def settle_and_ask_meanwhile(self, task: int, tokens: int) -> None:
        """Requests come while the table's answer is on its way."""
        self.table.gate.clear()
        self.table.reached.clear()
        round_ = asyncio.ensure_future(self.settle(task))
        for _ in range(5):
            await asyncio.sleep(0)
        self.ask(task, tokens)
        self.table.gate.set()
        await round_


def bound(limit: int, tasks: int, largest: int) -> int:
    """As gateway.limits.key_limits says."""
    return limit + (tasks - 1) * max(-(-limit // tasks), largest)


def test_no_order_of_six_events_of_two_tasks_exceeds_the_bound() -> None:
    """Exhaustive: each event is a burst of requests or a round, of either task."""

    async def play(events: tuple[tuple[int, bool], ...]) -> int:
        fleet = Fleet(2, Key("alice", requests_per_minute=LIMIT))
        for task, is_round in events:
            if is_round:
                await fleet.settle(task)
            else:
                for _ in range(LIMIT):
                    fleet.ask(task)
        return fleet.admitted

    async def play_all() -> list[int]:
        return [await play(events) for events in product(product((0, 1), (False, True)), repeat=6)]

    admitted = asyncio.run(play_all())
    assert max(admitted) <= bound(LIMIT, 2, 1)
    assert max(admitted) > LIMIT, "the bound is not the limit: tasks decide on what they know"


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "give_back", "settle", "meanwhile", "break", "heal"]),
        st.integers(0, MOST_TASKS - 1),
        st.integers(1, LARGEST),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(tasks=st.integers(1, MOST_TASKS), limit=st.integers(1, 12), events=EVENTS)
def test_requests_stay_within_the_bound_whatever_happens(
    tasks: int, limit: int, events: list[tuple[str, int, int]]
) -> None:
    fleet = Fleet(tasks, Key("alice", requests_per_minute=limit))
    asyncio.run(_play(fleet, [(event, task % tasks, 1) for event, task, _ in events], limit, 1))


@settings(max_examples=150, deadline=None)
@given(tasks=st.integers(1, MOST_TASKS), limit=st.integers(LARGEST, 24), events=EVENTS)
def test_tokens_stay_within_the_bound_whatever_happens(
    tasks: int, limit: int, events: list[tuple[str, int, int]]
) -> None:
    fleet = Fleet(tasks, Key("alice", tokens_per_minute=limit))
    asyncio.run(_play(fleet, [(event, task % tasks, tokens) for event, task, tokens in events], limit, LARGEST))


async def test_all_of_a_limit_is_used_by_tasks_that_ask_each_second() -> None:
    fleet = Fleet(3, Key("alice", requests_per_minute=100))
    for _ in range(60):
        for task in range(3):
            for _ in range(20):
                fleet.ask(task)
            await fleet.settle(task)
    assert 100 <= fleet.admitted <= bound(100, 3, 1)


async def _play(fleet: Fleet, events: list[tuple[str, int, int]], limit: int, largest: int) -> None:
    deeds: dict[str, Callable[[int], None]] = {
        "give_back": fleet.give_back,
        "break": lambda _: setattr(fleet.table, "broken", True),
        "heal": lambda _: setattr(fleet.table, "broken", False),
    }
    for event, task, tokens in events:
        if event == "ask":
            fleet.ask(task, tokens)
        elif event == "settle":
            await fleet.settle(task)
        elif event == "meanwhile":
            await fleet.settle_and_ask_meanwhile(task, tokens)
        else:
            deeds[event](task)
        assert fleet.admitted <= bound(limit, len(fleet.tasks), largest)
