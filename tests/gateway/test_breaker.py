"""When an upstream is left alone, and what brings it back."""

import asyncio

import pytest
from gateway.breaker import Breaker, BreakerState, Permit

from tests.gateway.breakers import POLICY, Clock, admitted, fail, half_open, open_by_force, open_up, state_of


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
    open_up(breaker)
    assert state_of(breaker) is BreakerState.OPEN
    assert breaker.seconds_left() == 60.0
    clock.seconds += 59.9
    assert breaker.admit() is None


def test_fewer_failures_leave_it_closed(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert state_of(breaker) is BreakerState.CLOSED
    assert breaker.seconds_left() == 0


def test_a_success_between_failures_breaks_the_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    admitted(breaker).succeed()
    fail(breaker, 2)
    assert state_of(breaker) is BreakerState.CLOSED


def test_a_success_that_began_before_the_failures_ended_does_not_break_their_row(breaker: Breaker) -> None:
    began_before = admitted(breaker)
    fail(breaker, 2)
    began_before.succeed()
    fail(breaker, 1)
    assert state_of(breaker) is BreakerState.OPEN


def test_an_older_success_puts_no_failure_back_into_the_row(breaker: Breaker) -> None:
    old = admitted(breaker)
    fail(breaker, 2)
    admitted(breaker).succeed()
    old.succeed()
    assert breaker.failures_in_a_row == 0


def test_rare_failures_among_many_overlapping_successes_never_open_it(breaker: Breaker) -> None:
    out: list[Permit] = []
    for number in range(100):
        out.append(admitted(breaker))
        if number % 5 == 0:
            fail(breaker, 1)
        if len(out) > 6:
            out.pop(0).succeed()
    assert state_of(breaker) is BreakerState.CLOSED


def test_what_says_nothing_about_health_neither_counts_nor_breaks_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    admitted(breaker).release()
    assert state_of(breaker) is BreakerState.CLOSED
    fail(breaker, 1)
    assert state_of(breaker) is BreakerState.OPEN


def test_a_permit_counts_once(breaker: Breaker) -> None:
    permit = admitted(breaker)
    for _ in range(5):
        permit.fail()
    assert breaker.failures_in_a_row == 1


def test_after_the_time_exactly_one_request_goes_through(breaker: Breaker, clock: Clock) -> None:
    probe = half_open(breaker, clock)
    assert breaker.admit() is None
    probe.succeed()
    assert state_of(breaker) is BreakerState.CLOSED
    assert breaker.admit() is not None


def test_a_failed_probe_opens_it_for_the_same_time_again(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        half_open(breaker, clock).fail()
        assert state_of(breaker) is BreakerState.OPEN
        assert breaker.seconds_left() == 60.0


def test_a_released_probe_frees_its_slot(breaker: Breaker, clock: Clock) -> None:
    half_open(breaker, clock).release()
    assert state_of(breaker) is BreakerState.HALF_OPEN
    assert breaker.admit() is not None


def test_a_probe_left_without_a_result_frees_its_slot(breaker: Breaker, clock: Clock) -> None:
    with half_open(breaker, clock):
        assert breaker.admit() is None
    assert breaker.admit() is not None


def test_a_probe_that_nobody_holds_any_more_frees_its_slot(breaker: Breaker, clock: Clock) -> None:
    probe: Permit | None = half_open(breaker, clock)
    assert breaker.admit() is None
    del probe
    assert breaker.admit() is not None


def test_results_of_requests_from_before_the_opening_change_nothing(breaker: Breaker, clock: Clock) -> None:
    late = [admitted(breaker) for _ in range(3)]
    open_up(breaker)
    late[0].succeed()
    assert state_of(breaker) is BreakerState.OPEN
    clock.seconds += 30
    late[1].fail()
    assert breaker.seconds_left() == 30.0
    clock.seconds += 30
    probe = admitted(breaker)
    late[2].fail()
    assert state_of(breaker) is BreakerState.HALF_OPEN
    probe.succeed()
    assert state_of(breaker) is BreakerState.CLOSED


def test_a_probe_from_before_a_reset_changes_nothing(breaker: Breaker, clock: Clock) -> None:
    probe = half_open(breaker, clock)
    breaker.reset()
    probe.fail()
    assert breaker.failures_in_a_row == 0
    assert state_of(breaker) is BreakerState.CLOSED


def test_a_reset_closes_it_and_ends_a_cool_down(breaker: Breaker) -> None:
    breaker.cool_down(10)
    open_by_force(breaker)
    breaker.reset()
    assert state_of(breaker) is BreakerState.CLOSED
    assert breaker.seconds_left() == 0


def test_force_admits_always(breaker: Breaker, clock: Clock) -> None:
    open_up(breaker)
    assert breaker.admit(force=True) is not None
    _probe = half_open(breaker, clock)
    assert breaker.admit(force=True) is not None


def test_a_forced_success_closes_it(breaker: Breaker) -> None:
    open_up(breaker)
    admitted(breaker, force=True).succeed()
    assert state_of(breaker) is BreakerState.CLOSED


def test_a_forced_failure_keeps_it_open_from_then_on(breaker: Breaker, clock: Clock) -> None:
    open_up(breaker)
    clock.seconds += 50
    admitted(breaker, force=True).fail()
    assert breaker.seconds_left() == 60.0


def test_forced_failures_open_a_closed_breaker(breaker: Breaker) -> None:
    open_by_force(breaker)
    assert breaker.admit() is None


def test_each_change_is_told_once(breaker: Breaker, clock: Clock, told: list[BreakerState]) -> None:
    half_open(breaker, clock).fail()
    half_open(breaker, clock).succeed()
    breaker.reset()
    breaker.cool_down(1)
    breaker.cool_down(2)
    clock.seconds += 2
    breaker.admit()
    opened, half, closed = BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED
    assert told == [opened, half, opened, half, closed, opened, closed]


async def test_of_200_concurrent_requests_half_open_lets_exactly_one_through(breaker: Breaker, clock: Clock) -> None:
    open_up(breaker)
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
    assert state_of(breaker) is BreakerState.CLOSED


async def test_a_cancelled_probe_lets_the_next_request_through(breaker: Breaker, clock: Clock) -> None:
    probe = half_open(breaker, clock)

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
