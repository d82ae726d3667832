"""What a task says about itself, and which others it counts."""

import json
from dataclasses import dataclass

import pytest
from gateway.outcome import TierName
from gateway.reporting import Reporter
from gateway.switches import Switches
from gateway.tables.errors import TableFailed

from tests.gateway.clock import WallClock
from tests.gateway.stage import settings
from tests.gateway.tables.unreliable import UnreliableTable


@dataclass
class StuckBreaker:
    state: str = "open"

    def seconds_left(self) -> float:
        return 41.26


class World:
    def __init__(self) -> None:
        self.table = UnreliableTable()
        self.clock = WallClock()
        self.seconds = 0.0
        self.me = self.another_task()

    def another_task(self) -> Reporter:
        told = settings("http://vllm", None)
        return Reporter(self.table, told, Switches(self.table), self.clock, lambda: self.seconds)

    def pass_seconds(self, seconds: float) -> None:
        self.seconds += seconds
        self.clock.seconds += seconds


async def test_a_report_says_who_where_and_how_the_breakers_stand() -> None:
    world = World()
    world.me.breakers = {TierName.VLLM: StuckBreaker()}
    await world.me.report()
    (item,) = await world.table.query("task")
    assert item["sk"] == world.me.task_id and world.me.task_id.startswith("r-0001-")
    assert (item["release"], item["colour"], item["model_colour"]) == ("r-0001", "blue", "green")
    assert item["at"] == "2026-11-25T12:00:00.000+00:00"
    assert (item["serving"], item["expires_at"]) == (0, int(world.clock()) + 60)
    assert json.loads(str(item["breakers"])) == {"vllm": {"state": "open", "seconds_left": 41.3, "reset_number": 0}}
    assert json.loads(str(item["modes"]))["vllm"] == "auto"


async def test_a_task_serves_for_30_seconds_after_an_answer() -> None:
    world = World()
    assert not world.me.is_serving
    world.me.answered()
    world.pass_seconds(29)
    assert world.me.is_serving
    world.pass_seconds(1)
    assert not world.me.is_serving


async def test_only_others_that_serve_are_counted() -> None:
    world = World()
    serving, idle = world.another_task(), world.another_task()
    serving.answered()
    for task in (serving, idle, world.me):
        await task.report()
    assert (world.me.serving_tasks, serving.serving_tasks) == (2, 1)


async def test_a_task_that_said_goodbye_no_longer_counts() -> None:
    world = World()
    other = world.another_task()
    other.answered()
    await other.report()
    await other.withdraw()
    await world.me.report()
    assert world.me.serving_tasks == 1


async def test_a_task_that_went_silent_counts_for_15_seconds() -> None:
    world = World()
    other = world.another_task()
    other.answered()
    await other.report()
    await world.me.report()
    world.pass_seconds(14)
    await world.me.report()
    assert world.me.serving_tasks == 2
    world.pass_seconds(1)
    await world.me.report()
    assert world.me.serving_tasks == 1


@pytest.mark.parametrize("jump_seconds", [-86_400, 86_400])
async def test_a_wall_clock_that_jumps_forgets_no_other_task(jump_seconds: int) -> None:
    world = World()
    other = world.another_task()
    other.answered()
    await other.report()
    await world.me.report()
    world.clock.seconds += jump_seconds
    await world.me.report()
    assert world.me.serving_tasks == 2


async def test_a_report_left_over_by_a_dead_task_is_never_counted() -> None:
    world = World()
    dead = world.another_task()
    dead.answered()
    await dead.report()
    world.pass_seconds(61)
    await world.me.report()
    assert world.me.serving_tasks == 1


async def test_a_table_that_fails_leaves_the_last_count() -> None:
    world = World()
    other = world.another_task()
    other.answered()
    await other.report()
    await world.me.report()
    world.table.broken = True
    with pytest.raises(TableFailed):
        await world.me.report()
    assert world.me.serving_tasks == 2
