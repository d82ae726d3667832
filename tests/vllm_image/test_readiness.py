"""When a container is ready and when it is alive, as transitions and verdicts."""

import pytest

from vllm_image import readiness
from vllm_image.readiness import Answer, Condition
from vllm_image.settings import Timing

TIMING = Timing(start_allowance_seconds=100, probe_failures=3)
NEW = Condition(started_at=1000.0)
SERVING = readiness.warmed(NEW)
GOOD, BAD = Answer(True, "status 200"), Answer(False, "no answer within 10 s")


def after(condition: Condition, *answers: Answer) -> Condition:
    for answer in answers:
        condition = readiness.probed(condition, answer)
    return condition


def is_ready(condition: Condition) -> bool:
    return readiness.ready(condition, TIMING).is_good


def is_live(condition: Condition, now: float = 1010.0) -> bool:
    return readiness.live(condition, TIMING, now).is_good


def test_a_loading_container_is_alive_but_not_ready() -> None:
    loading = readiness.still_loading(NEW, "/health: ConnectionRefusedError")
    assert not is_ready(loading) and is_live(loading)
    assert "ConnectionRefusedError" in readiness.ready(loading, TIMING).reason


def test_loading_longer_than_the_allowance_is_dead_and_says_why() -> None:
    loading = readiness.still_loading(NEW, "/health: status 503")
    assert is_live(loading, now=1100.0)
    assert not is_live(loading, now=1100.1)
    assert readiness.live(loading, TIMING, 1101.0).reason == "loading took longer than 100 s: /health: status 503"


def test_only_the_warm_up_makes_a_container_ready() -> None:
    assert not is_ready(after(NEW, GOOD))
    assert is_ready(SERVING) and is_live(SERVING)


def test_a_served_container_does_not_age() -> None:
    assert is_live(SERVING, now=1e9)


def test_fewer_failures_than_the_full_count_change_nothing() -> None:
    shaken = after(SERVING, BAD, BAD)
    assert is_ready(shaken) and is_live(shaken)


def test_the_full_count_of_failures_is_neither_ready_nor_alive() -> None:
    hung = after(SERVING, BAD, BAD, BAD)
    assert not is_ready(hung) and not is_live(hung)
    assert "3 liveness completions failed in a row" in readiness.live(hung, TIMING, 0).reason


def test_one_good_answer_starts_the_count_again() -> None:
    assert is_live(after(SERVING, BAD, BAD, GOOD, BAD, BAD))
    assert is_ready(after(SERVING, BAD, BAD, BAD, GOOD))


def test_a_draining_container_is_alive_and_never_ready() -> None:
    draining = readiness.draining(SERVING)
    assert not is_ready(draining) and is_live(draining)


def test_a_container_that_hung_and_drains_is_left_alone() -> None:
    assert is_live(readiness.draining(after(SERVING, BAD, BAD, BAD)))


@pytest.mark.parametrize("phase", [NEW, SERVING])
def test_nothing_makes_a_draining_container_ready_again(phase: Condition) -> None:
    draining = readiness.draining(phase)
    late = readiness.still_loading(after(readiness.warmed(draining), GOOD), "late")
    assert late == draining


def test_warming_up_twice_does_not_forgive_failures() -> None:
    hung = after(SERVING, BAD, BAD, BAD)
    assert readiness.warmed(hung) == hung


def test_an_engine_that_makes_tokens_is_busy_and_not_dead() -> None:
    busy = readiness.judged(Answer(False, "status 503"), 100, 140)
    assert busy.is_good
    assert "40 tokens" in busy.detail


@pytest.mark.parametrize(("before", "later"), [(100, 100), (None, 100), (100, None), (None, None), (100, 0)])
def test_without_new_tokens_a_failed_completion_is_a_failure(before: float | None, later: float | None) -> None:
    assert readiness.judged(BAD, before, later) == BAD
