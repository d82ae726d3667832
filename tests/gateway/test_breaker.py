"""When an upstream is left alone, and what brings it back."""

import asyncio
import math

import pytest
from gateway.breaker import Breaker, BreakerState, Permit, seconds_since_boot
from gateway.settings import BreakerPolicy

POLICY = BreakerPolicy(failures=3, open_seconds=60.0)


class Clock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[BreakerState]:
    return []


@pytest.fixture
def breaker(clock: Clock, told: list[BreakerState]) -> Breaker:
    return Breaker(POLICY, clock, told.append)


def test_failures_in_a_row_open_it_for_the_policys_time(breaker: Breaker, clock: Clock) -> None:
    _open(breaker)
    assert _state(breaker) is BreakerState.OPEN
    assert breaker.seconds_left() == 60.0
    clock.seconds += 59.9
    assert breaker.admit() is None


def test_fewer_failures_leave_it_closed(breaker: Breaker) -> None:
    _fail(breaker, 2)
    assert _state(breaker) is BreakerState.CLOSED
    assert breaker.seconds_left() == 0


def test_a_success_between_failures_breaks_the_row(breaker: Breaker) -> None:
    _fail(breaker, 2)
    _admitted(breaker).succeed()
    _fail(breaker, 2)
    assert _state(breaker) is BreakerState.CLOSED


def test_a_success_that_began_before_the_failures_ended_does_not_break_their_row(breaker: Breaker) -> None:
    began_before = _admitted(breaker)
    _fail(breaker, 2)
    began_before.succeed()
    _fail(breaker, 1)
    assert _state(breaker) is BreakerState.OPEN


def test_an_older_success_puts_no_failure_back_into_the_row(breaker: Breaker) -> None:
    old = _admitted(breaker)
    _fail(breaker, 2)
    _admitted(breaker).succeed()
    old.succeed()
    assert breaker.failures_in_a_row == 0


def test_rare_failures_among_many_overlapping_successes_never_open_it(breaker: Breaker) -> None:
    out: list[Permit] = []
    for number in range(100):
        out.append(_admitted(breaker))
        if number % 5 == 0:
            _fail(breaker, 1)
        if len(out) > 6:
            out.pop(0).succeed()
    assert _state(breaker) is BreakerState.CLOSED


def test_what_says_nothing_about_health_neither_counts_nor_breaks_a_row(breaker: Breaker) -> None:
    _fail(breaker, 2)
    _admitted(breaker).release()
    assert _state(breaker) is BreakerState.CLOSED
    _fail(breaker, 1)
    assert _state(breaker) is BreakerState.OPEN


def test_a_permit_counts_once(breaker: Breaker) -> None:
    permit = _admitted(breaker)
    for _ in range(5):
        permit.fail()
    assert breaker.failures_in_a_row == 1


def test_after_the_time_exactly_one_request_goes_through(breaker: Breaker, clock: Clock) -> None:
    probe = _half_open(breaker, clock)
    assert breaker.admit() is None
    probe.succeed()
    assert _state(breaker) is BreakerState.CLOSED
    assert breaker.admit() is not None


def test_a_failed_probe_opens_it_for_the_same_time_again(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        _half_open(breaker, clock).fail()
        assert _state(breaker) is BreakerState.OPEN
        assert breaker.seconds_left() == 60.0


def test_a_released_probe_frees_its_slot(breaker: Breaker, clock: Clock) -> None:
    _half_open(breaker, clock).release()
    assert _state(breaker) is BreakerState.HALF_OPEN
    assert breaker.admit() is not None


def test_a_probe_left_without_a_result_frees_its_slot(breaker: Breaker, clock: Clock) -> None:
    with _half_open(breaker, clock):
        assert breaker.admit() is None
    assert breaker.admit() is not None


def test_a_probe_that_nobody_holds_any_more_frees_its_slot(breaker: Breaker, clock: Clock) -> None:
    probe: Permit | None = _half_open(breaker, clock)
    assert breaker.admit() is None
    del probe
    assert breaker.admit() is not None


def test_results_of_requests_from_before_the_opening_change_nothing(breaker: Breaker, clock: Clock) -> None:
    late = [_admitted(breaker) for _ in range(3)]
    _open(breaker)
    late[0].succeed()
    assert _state(breaker) is BreakerState.OPEN
    clock.seconds += 30
    late[1].fail()
    assert breaker.seconds_left() == 30.0
    clock.seconds += 30
    probe = _admitted(breaker)
    late[2].fail()
    assert _state(breaker) is BreakerState.HALF_OPEN
    probe.succeed()
    assert _state(breaker) is BreakerState.CLOSED


def test_a_probe_from_before_a_reset_changes_nothing(breaker: Breaker, clock: Clock) -> None:
    probe = _half_open(breaker, clock)
    breaker.reset()
    probe.fail()
    assert breaker.failures_in_a_row == 0
    assert _state(breaker) is BreakerState.CLOSED


def test_a_reset_closes_it_and_ends_a_cool_down(breaker: Breaker) -> None:
    breaker.cool_down(10)
    _open_by_force(breaker)
    breaker.reset()
    assert _state(breaker) is BreakerState.CLOSED
    assert breaker.seconds_left() == 0


def test_a_cool_down_is_no_failure_and_ends_as_it_began(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker, 2)
    breaker.cool_down(10)
    assert _state(breaker) is BreakerState.OPEN
    assert breaker.admit() is None
    clock.seconds += 10
    assert _state(breaker) is BreakerState.CLOSED
    assert breaker.failures_in_a_row == 2
    assert breaker.admit() is not None
    assert breaker.admit() is not None


def test_a_cool_down_never_shortens_another_one_nor_the_open_time(breaker: Breaker) -> None:
    breaker.cool_down(90)
    breaker.cool_down(1)
    assert breaker.seconds_left() == 90.0
    _open_by_force(breaker)
    assert breaker.seconds_left() == 90.0


def test_the_open_time_outlasts_a_shorter_cool_down(breaker: Breaker, clock: Clock) -> None:
    _open(breaker)
    breaker.cool_down(5)
    clock.seconds += 59
    assert breaker.admit() is None


@pytest.mark.parametrize("asked", [301, 86_400, math.inf])
def test_a_cool_down_is_bounded(breaker: Breaker, asked: float) -> None:
    breaker.cool_down(asked)
    assert breaker.seconds_left() == 300.0


@pytest.mark.parametrize("asked", [0, -5, math.nan])
def test_a_cool_down_of_no_time_is_none(breaker: Breaker, asked: float) -> None:
    breaker.cool_down(asked)
    assert _state(breaker) is BreakerState.CLOSED


def test_a_probe_answered_429_waits_for_the_cool_down_and_then_probes_again(breaker: Breaker, clock: Clock) -> None:
    probe = _half_open(breaker, clock)
    breaker.cool_down(20)
    probe.release()
    assert breaker.admit() is None
    clock.seconds += 20
    assert breaker.admit() is not None
    assert _state(breaker) is BreakerState.HALF_OPEN


def test_force_admits_always(breaker: Breaker, clock: Clock) -> None:
    _open(breaker)
    assert breaker.admit(force=True) is not None
    _probe = _half_open(breaker, clock)
    assert breaker.admit(force=True) is not None


def test_a_forced_success_closes_it(breaker: Breaker) -> None:
    _open(breaker)
    _admitted(breaker, force=True).succeed()
    assert _state(breaker) is BreakerState.CLOSED


def test_a_forced_failure_keeps_it_open_from_then_on(breaker: Breaker, clock: Clock) -> None:
    _open(breaker)
    clock.seconds += 50
    _admitted(breaker, force=True).fail()
    assert breaker.seconds_left() == 60.0


def test_forced_failures_open_a_closed_breaker(breaker: Breaker) -> None:
    _open_by_force(breaker)
    assert breaker.admit() is None


def test_a_forced_success_does_not_end_a_cool_down(breaker: Breaker, clock: Clock) -> None:
    breaker.cool_down(20)
    _admitted(breaker, force=True).succeed()
    assert breaker.admit() is None


def test_each_change_is_told_once(breaker: Breaker, clock: Clock, told: list[BreakerState]) -> None:
    _half_open(breaker, clock).fail()
    _half_open(breaker, clock).succeed()
    breaker.reset()
    breaker.cool_down(1)
    breaker.cool_down(2)
    clock.seconds += 2
    breaker.admit()
    opened, half, closed = BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED
    assert told == [opened, half, opened, half, closed, opened, closed]


async def test_of_200_concurrent_requests_half_open_lets_exactly_one_through(breaker: Breaker, clock: Clock) -> None:
    _open(breaker)
    clock.seconds += 60
    went_through = 0

    async def request() -> None:
        nonlocal went_through
        await asyncio.sleep(0)
        permit = breaker.admit()
        if permit is None:
            return
        went_through += 1
        with permit:
            await asyncio.sleep(0.01)
            permit.succeed()

    await asyncio.gather(*(request() for _ in range(200)))
    assert went_through == 1
    assert _state(breaker) is BreakerState.CLOSED


async def test_a_cancelled_probe_lets_the_next_request_through(breaker: Breaker, clock: Clock) -> None:
    probe = _half_open(breaker, clock)

    async def request() -> None:
        with probe:
            await asyncio.sleep(5)

    task = asyncio.create_task(request())
    await asyncio.sleep(0)
    assert breaker.admit() is None
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert breaker.admit() is not None


def test_the_clock_by_default_only_goes_forward() -> None:
    assert seconds_since_boot() <= seconds_since_boot()


def _state(breaker: Breaker) -> BreakerState:
    return breaker.state


def _admitted(breaker: Breaker, *, force: bool = False) -> Permit:
    permit = breaker.admit(force=force)
    assert permit is not None
    return permit


def _fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        _admitted(breaker).fail()


def _open(breaker: Breaker) -> None:
    _fail(breaker, POLICY.failures)
    assert _state(breaker) is BreakerState.OPEN


def _open_by_force(breaker: Breaker) -> None:
    for _ in range(POLICY.failures):
        _admitted(breaker, force=True).fail()


def _half_open(breaker: Breaker, clock: Clock) -> Permit:
    """Its probe."""
    if breaker.state is BreakerState.CLOSED:
        _open(breaker)
    clock.seconds += breaker.seconds_left()
    return _admitted(breaker)
