"""The breaker against a model of it: permits of any age end in any order while time passes and operators intervene.

The model keeps the full history (each failure with its moment, each admission with its own), where the breaker keeps
two counters; so it says independently what "in a row" means.
"""

from dataclasses import dataclass, field

from gateway.breaker import Breaker, BreakerState, Permit
from gateway.settings import BreakerPolicy
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

LONGEST_COOL_DOWN_SECONDS = 300


@dataclass(eq=False)
class Out:
    """A request that has not ended."""

    permit: Permit
    era: int
    moment: int
    is_probe: bool


@dataclass
class Model:
    """What the breaker should know. `era` changes whenever results of requests that are out lose their meaning."""

    limit: int
    open_seconds: int
    now: int = 0
    moment: int = 0
    era: int = 0
    broken: bool = False
    open_until: int = 0
    cool_until: int = 0
    failed_at: list[int] = field(default_factory=list)

    @property
    def seconds_left(self) -> int:
        return max(0, self.open_until - self.now, self.cool_until - self.now)

    @property
    def state(self) -> BreakerState:
        if self.seconds_left:
            return BreakerState.OPEN
        return BreakerState.HALF_OPEN if self.broken else BreakerState.CLOSED

    def tick(self) -> int:
        self.moment += 1
        return self.moment

    def succeeded(self, out: Out) -> None:
        if out.era != self.era:
            return
        if self.broken:
            self.close()
        self.failed_at = [at for at in self.failed_at if at > out.moment]

    def failed(self, out: Out) -> None:
        if out.era != self.era:
            return
        self.failed_at.append(self.tick())
        if self.broken or len(self.failed_at) >= self.limit:
            self.broken, self.open_until = True, self.now + self.open_seconds
            self.new_era()

    def close(self) -> None:
        self.broken, self.open_until = False, 0
        self.new_era()

    def new_era(self) -> None:
        self.era += 1
        self.failed_at = []


class BreakerMachine(RuleBasedStateMachine):
    """Any order of everything that can happen to a breaker."""

    @initialize(limit=st.integers(1, 4), open_seconds=st.integers(1, 20))
    def begin(self, limit: int, open_seconds: int) -> None:
        self.model = Model(limit, open_seconds)
        self.out: list[Out] = []
        self.told: list[BreakerState] = []
        self.breaker = Breaker(BreakerPolicy(limit, open_seconds), lambda: float(self.model.now), self.told.append)

    @rule(times=st.integers(1, 3), force=st.sampled_from([False, False, True]))
    def admit(self, times: int, force: bool) -> None:
        for _ in range(times):
            self._admit(force=force)

    @precondition(lambda self: self.out)
    @rule(data=st.data(), how=st.sampled_from(["succeed", "succeed", "fail", "release", "vanish", "end twice"]))
    def end(self, data: st.DataObject, how: str) -> None:
        out = self._pick(data)
        if how == "succeed":
            out.permit.succeed()
            self.model.succeeded(out)
        elif how == "fail":
            self._fail(out)
        elif how != "vanish":
            out.permit.release()
        if how == "end twice":
            data.draw(st.sampled_from([out.permit.succeed, out.permit.fail, out.permit.release]))()

    @rule(times=st.integers(1, 4))
    def fail_at_once(self, times: int) -> None:
        for _ in range(times):
            self._admit(force=False)
            if self.out:
                self._fail(self.out.pop())

    @rule(seconds=st.integers(1, 25))
    def pass_time(self, seconds: int) -> None:
        self.model.now += seconds

    @rule()
    def pass_the_rest_of_the_time(self) -> None:
        self.model.now += self.model.seconds_left

    @rule(seconds=st.sampled_from([-1, 0, 3, 3, 10, 400]), reset=st.sampled_from([False, False, True]))
    def intervene(self, seconds: int, reset: bool) -> None:
        if reset:
            self.breaker.reset()
            self.model.cool_until = 0
            self.model.close()
            assert self.breaker.state is BreakerState.CLOSED
        else:
            self._cool_down(seconds)

    @invariant()
    def the_state_is_the_models(self) -> None:
        assert self.breaker.state is self.model.state
        assert self.breaker.seconds_left() == self.model.seconds_left

    @invariant()
    def open_means_waiting_and_nothing_else_does(self) -> None:
        assert (self.breaker.state is BreakerState.OPEN) is (self.breaker.seconds_left() > 0)

    @invariant()
    def at_most_one_probe_is_out(self) -> None:
        assert len(self._probes()) <= 1

    @invariant()
    def the_row_is_the_models_and_shorter_than_the_limit(self) -> None:
        assert self.breaker.failures_in_a_row == len(self.model.failed_at) < self.model.limit

    @invariant()
    def no_state_is_told_twice_in_a_row(self) -> None:
        assert all(one is not next_one for one, next_one in zip(self.told, self.told[1:], strict=False))

    def _admit(self, *, force: bool) -> None:
        state = self.model.state
        permit = self.breaker.admit(force=force)
        expected = force or state is BreakerState.CLOSED or (state is BreakerState.HALF_OPEN and not self._probes())
        assert (permit is not None) is expected
        if permit is not None:
            is_probe = state is BreakerState.HALF_OPEN and not force
            self.out.append(Out(permit, self.model.era, self.model.tick(), is_probe))

    def _fail(self, out: Out) -> None:
        out.permit.fail()
        self.model.failed(out)

    def _cool_down(self, seconds: int) -> None:
        before = self.breaker.seconds_left()
        self.breaker.cool_down(seconds)
        assert self.breaker.seconds_left() >= before
        bounded = min(max(seconds, 0), LONGEST_COOL_DOWN_SECONDS)
        self.model.cool_until = max(self.model.cool_until, self.model.now + bounded)

    def _probes(self) -> list[Out]:
        return [out for out in self.out if out.is_probe and out.era == self.model.era]

    def _pick(self, data: st.DataObject) -> Out:
        return self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))


BreakerMachine.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None, database=None)
TestBreaker = BreakerMachine.TestCase
