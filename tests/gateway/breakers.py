"""Steps that bring a breaker into a state, and a clock turned by hand."""

from gateway.breaker import Breaker, BreakerState, Permit
from gateway.settings import BreakerPolicy

POLICY = BreakerPolicy(failures=3, open_seconds=60.0)


class Clock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def state_of(breaker: Breaker) -> BreakerState:
    return breaker.state


def admitted(breaker: Breaker, *, force: bool = False) -> Permit:
    permit = breaker.admit(force=force)
    assert permit is not None
    return permit


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        admitted(breaker).fail()


def open_up(breaker: Breaker) -> None:
    fail(breaker, POLICY.failures)
    assert state_of(breaker) is BreakerState.OPEN


def open_by_force(breaker: Breaker) -> None:
    for _ in range(POLICY.failures):
        admitted(breaker, force=True).fail()


def half_open(breaker: Breaker, clock: Clock) -> Permit:
    """Its probe."""
    if breaker.state is BreakerState.CLOSED:
        open_up(breaker)
    clock.seconds += breaker.seconds_left()
    return admitted(breaker)
