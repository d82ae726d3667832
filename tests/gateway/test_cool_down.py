"""How long an upstream that answered 429 is left alone."""

import math

import pytest
from gateway.breaker import Breaker, BreakerState

from tests.gateway.breakers import POLICY, Clock, admitted, fail, half_open, open_by_force, open_up, state_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(POLICY, clock)


def test_a_cool_down_is_no_failure_and_ends_as_it_began(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 2)
    breaker.cool_down(10)
    assert state_of(breaker) is BreakerState.OPEN
    assert breaker.admit() is None
    clock.seconds += 10
    assert state_of(breaker) is BreakerState.CLOSED
    assert breaker.failures_in_a_row == 2
    assert breaker.admit() is not None
    assert breaker.admit() is not None


def test_a_cool_down_never_shortens_another_one_nor_the_open_time(breaker: Breaker) -> None:
    breaker.cool_down(90)
    breaker.cool_down(1)
    assert breaker.seconds_left() == 90.0
    open_by_force(breaker)
    assert breaker.seconds_left() == 90.0


def test_the_open_time_outlasts_a_shorter_cool_down(breaker: Breaker, clock: Clock) -> None:
    open_up(breaker)
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
    assert state_of(breaker) is BreakerState.CLOSED


def test_a_probe_answered_429_waits_for_the_cool_down_and_then_probes_again(breaker: Breaker, clock: Clock) -> None:
    probe = half_open(breaker, clock)
    breaker.cool_down(20)
    probe.release()
    assert breaker.admit() is None
    clock.seconds += 20
    assert breaker.admit() is not None
    assert state_of(breaker) is BreakerState.HALF_OPEN


def test_a_forced_success_does_not_end_a_cool_down(breaker: Breaker, clock: Clock) -> None:
    breaker.cool_down(20)
    admitted(breaker, force=True).succeed()
    assert breaker.admit() is None
