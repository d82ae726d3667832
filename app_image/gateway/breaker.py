"""Leaves an upstream alone after a row of failures, and asks it again with one request.

closed: everything is admitted. open: nothing is, until the time is over. half-open: exactly one request, the probe;
its success closes the breaker, its failure opens it for the same time again (the articles' 60 s, no growth).
Everything happens within one turn of the event loop, so nothing here is locked. A process knows only its own
requests: with N tasks, "5 failures" may be up to 5 N.

In a row: no request that was admitted after one of the failures has succeeded since. An answer that began before an
upstream died and ends well afterwards therefore breaks no row; it says nothing about requests that start now.

Not owned here: what a failure is (connect, reset, time-out, 5xx, a cut; never a 4xx nor a client that left), when to
cool down, and which tier comes next (the chain).
"""

import weakref
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType

from gateway.clock import seconds_since_boot
from gateway.settings import BreakerPolicy

_LONGEST_COOL_DOWN_SECONDS = 300.0
_PAST = float("-inf")


class BreakerState(StrEnum):
    """Whether the upstream is asked."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Permit:
    """One admitted request. Its first result counts; `with permit:` releases what was left without one."""

    __slots__ = ("__weakref__", "_breaker", "_failed_before", "_generation", "ended")

    def __init__(self, breaker: "Breaker", generation: int, failed_before: int) -> None:
        self._breaker = breaker
        self._generation = generation
        self._failed_before = failed_before
        self.ended = False

    def succeed(self) -> None:
        """The upstream answered as a healthy one does."""
        if self._end():
            self._breaker._succeeded(self._generation, self._failed_before)

    def fail(self) -> None:
        """The upstream did not."""
        if self._end():
            self._breaker._failed_once(self._generation)

    def release(self) -> None:
        """What happened says nothing about the upstream's health; if this was the probe, another may go."""
        self._end()

    def __enter__(self) -> "Permit":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _end(self) -> bool:
        first, self.ended = not self.ended, True
        return first


class Breaker:
    """Of one upstream. `on_change` is told at the next call that admits or changes, not when time passes."""

    def __init__(
        self,
        policy: BreakerPolicy,
        clock: Callable[[], float] = seconds_since_boot,
        on_change: Callable[[BreakerState], None] | None = None,
    ) -> None:
        self._policy = policy
        self.probe_seconds = policy.probe_seconds
        self._clock = clock
        self._on_change = on_change
        self._told = BreakerState.CLOSED
        self._broken = False
        self._open_until = _PAST
        self._cool_until = _PAST
        self._generation = 0
        self._failed = 0
        self._cleared = 0
        # Weak, so that a request that vanished without a result cannot hold the slot for ever.
        self._probe: weakref.ref[Permit] | None = None

    @property
    def state(self) -> BreakerState:
        if not self._broken and self._cool_until == _PAST:
            return BreakerState.CLOSED
        if self.seconds_left() > 0:
            return BreakerState.OPEN
        return BreakerState.HALF_OPEN if self._broken else BreakerState.CLOSED

    @property
    def failures_in_a_row(self) -> int:
        return self._failed - self._cleared

    def seconds_left(self) -> float:
        """Until it may be asked again; 0 when that is now."""
        return max(0.0, max(self._open_until, self._cool_until) - self._clock())

    def admit(self, *, force: bool = False) -> Permit | None:
        """None: ask another tier. `force` admits always; while not closed, its result counts as a probe's does."""
        state = self._tell()
        if state is BreakerState.CLOSED or force:
            return Permit(self, self._generation, self._failed)
        if state is BreakerState.OPEN or self._probe_is_out():
            return None
        permit = Permit(self, self._generation, self._failed)
        self._probe = weakref.ref(permit)
        return permit

    def cool_down(self, seconds: float) -> None:
        """Nothing is admitted for `seconds`, at most 300, then as before. Not a failure; never shortens another."""
        if seconds > 0:
            until = self._clock() + min(seconds, _LONGEST_COOL_DOWN_SECONDS)
            self._cool_until = max(self._cool_until, until)
            self._tell()

    def reset(self) -> None:
        """Closed, whatever was; results of requests that are still out change nothing."""
        self._cool_until = _PAST
        self._close()

    def _succeeded(self, generation: int, failed_before: int) -> None:
        if generation != self._generation:
            return
        if self._broken:
            self._close()
        else:
            self._cleared = max(self._cleared, failed_before)

    def _failed_once(self, generation: int) -> None:
        if generation != self._generation:
            return
        self._failed += 1
        if self._broken or self.failures_in_a_row >= self._policy.failures:
            self._open()

    def _open(self) -> None:
        self._broken = True
        self._open_until = self._clock() + self._policy.open_seconds
        self._next_generation()

    def _close(self) -> None:
        self._broken = False
        self._open_until = _PAST
        self._next_generation()

    def _next_generation(self) -> None:
        self._generation += 1
        self._cleared = self._failed
        self._probe = None
        self._tell()

    def _probe_is_out(self) -> bool:
        permit = self._probe() if self._probe is not None else None
        return permit is not None and not permit.ended

    def _tell(self) -> BreakerState:
        state = self.state
        if state is not self._told:
            self._told = state
            if self._on_change is not None:
                self._on_change(state)
        return state
