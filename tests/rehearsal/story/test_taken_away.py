"""The story's outage is as long as the story says, and its cost is what was counted since the kill."""

import time

import pytest

from rehearsal.gateway_metrics import TierCounts
from rehearsal.story.script import Scene, Step
from rehearsal.story.taken_away import TakenAway

KILL = Step("kill", ("rehearsal.fault", "vllm-gone"), scene=Scene.VLLM_KILLED)
LOOK = Step("look", ("breaker.status",))
BACK = Step("back", ("breaker.status",), scene=Scene.VLLM_BACK)


class Meter:
    """Has counted before; each look finds ten requests more."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> TierCounts:
        self.looks += 1
        return TierCounts(self.looks * 10, self.looks * 700, self.looks * 100, self.looks * 0.0275)


def test_a_story_that_leaves_vllm_alone_asks_no_meter() -> None:
    meter = Meter()
    away = TakenAway(meter, 2.0)
    away.before(LOOK)
    assert away.after(LOOK, {}, 5.0) is None
    assert (away.outage, away.fallback, meter.looks) == (None, None, 0)


def test_the_cost_is_what_was_counted_since_the_kill() -> None:
    away = TakenAway(Meter(), 2.012)
    away.before(KILL)
    first = away.after(KILL, {"at": time.time() - 3600}, time.time())
    assert first is not None
    assert (first.requests, first.prompt_tokens, first.completion_tokens) == (10, 700, 100)
    assert first.usd == pytest.approx(0.0275)
    assert first.usd_per_hour == pytest.approx(0.0275, rel=0.01)
    assert first.gpu_usd_per_hour == 2.012
    assert away.after(LOOK, {}, time.time()) != first


def test_the_outage_ends_with_the_step_that_finds_vllm_back_and_the_bill_with_it() -> None:
    away = TakenAway(Meter(), 2.0)
    began = time.time() - 10
    away.before(KILL)
    away.after(KILL, {"at": began}, began + 1)
    last = away.after(BACK, {}, began + 9)
    assert away.outage is not None
    assert (away.outage.began, away.outage.ended) == (began, began + 9)
    assert last is not None
    assert last.seconds == pytest.approx(9)
    assert away.after(LOOK, {}, began + 10) is None
    assert away.fallback == last


def test_a_story_that_ends_in_the_outage_leaves_it_open() -> None:
    away = TakenAway(Meter(), 2.0)
    away.before(KILL)
    away.after(KILL, {"at": 100.0}, 101.0)
    assert away.outage is not None
    assert away.outage.ended == float("inf")
