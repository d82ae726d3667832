"""Runs the trials: one server at a time, all contestants in turn and in another order each time, all workloads each.

A server is started afresh for each trial and warmed up before it is measured, because some import half of themselves
at the first request.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import uvloop

from benchmarks.gateway.contestants import Contestant
from benchmarks.gateway.errors import BenchmarkFailed
from benchmarks.gateway.figures import Life, Trial, trial
from benchmarks.gateway.load import Target, run
from benchmarks.gateway.mock import Order
from benchmarks.gateway.processes import Cores, Server, pinned
from benchmarks.gateway.workloads import Loop, Workload

WARM_ANSWERS = 20
WARM_SECONDS_AT_MOST = 120.0
_WARM_CONNECTIONS = 4
_FIXED_WORK = 1_000_000
_MB = 1e6

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """`seconds` is for one workload; an open loop at the slow rate lasts twice as long, or it would have no p99."""

    trials: int
    seconds: float
    slow_rate: float
    workloads: tuple[Workload, ...]

    def seconds_of(self, workload: Workload) -> float:
        slow = workload.loop is Loop.OPEN and workload.rate_per_second <= self.slow_rate
        return self.seconds * 2 if slow else self.seconds


@dataclass(frozen=True)
class Results:
    """`speeds`: CPU seconds that the same piece of work took before each turn, on the server's core."""

    trials: list[Trial]
    lives: list[Life]
    speeds: list[float]


def order(names: Sequence[str], trial_number: int) -> list[str]:
    """The same on every machine, another one each trial, so that what else a machine does meets all."""
    return random.Random(trial_number).sample(list(names), len(names))  # noqa: S311 - an order, not a secret


def fixed_work_seconds() -> float:
    """CPU time of the same piece of Python each time: what differs between two calls is the machine."""
    before = time.process_time()
    sum(number * number % 7 for number in range(_FIXED_WORK))
    return time.process_time() - before


def measure(
    plan: Plan, contestants: Sequence[Contestant], mock_port: int, cores: Cores, folder: Path, say: Say
) -> Results:
    """Raises BenchmarkFailed when a server does not start or does not answer."""
    by_name = {contestant.name: contestant for contestant in contestants}
    results = Results([], [], [])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for number in range(plan.trials):
            for name in order(list(by_name), number):
                with pinned(cores.server):
                    results.speeds.append(fixed_work_seconds())
                say(f"trial {number + 1} of {plan.trials}: {name}")
                with by_name[name].running(mock_port, cores, folder) as (target, server), pinned(cores.load):
                    mine = _Turn(plan, by_name[name], target, server, runner, number, say)
                    mine.play(results)
    return results


@dataclass(frozen=True)
class _Turn:
    """One contestant in one trial."""

    plan: Plan
    contestant: Contestant
    target: Target
    server: Server | None
    runner: asyncio.Runner
    number: int
    say: Say

    def play(self, results: Results) -> None:
        idle_bytes = self.server.memory_bytes() if self.server else 0
        mine = [w for w in self.plan.workloads if self.contestant.takes_part_in(w, self.plan.slow_rate)]
        self._warm_up(mine)
        for workload in mine:
            results.trials.append(self._measure(workload))
        if self.server is not None:
            loaded_mb = self.server.memory_bytes() / _MB
            life = Life(self.contestant.name, self.server.start_seconds, idle_bytes / _MB, loaded_mb)
            self.say(
                f"  started in {life.start_seconds:.2f} s, {life.idle_mb:.0f} MB, at the end {life.loaded_mb:.0f} MB"
            )
            results.lives.append(life)

    def _warm_up(self, workloads: Sequence[Workload]) -> None:
        """Each kind of answer a few times."""
        for workload in [w for w in workloads if w.loop is Loop.CLOSED and w.order is not Order.PACED]:
            give_up_at = time.perf_counter() + WARM_SECONDS_AT_MOST
            gentle, answered = replace(workload, connections=_WARM_CONNECTIONS), 0
            while answered < WARM_ANSWERS:
                done = self.runner.run(run(self.target, gentle, 0.2, seed=0))
                answered += len(done.latencies)
                if time.perf_counter() > give_up_at:
                    raise BenchmarkFailed(
                        f"{self.contestant.name} gave {answered} answers to {workload.name} in "
                        f"{WARM_SECONDS_AT_MOST:g} s: {dict(done.errors)}"
                    )

    def _measure(self, workload: Workload) -> Trial:
        before = self.server.cpu_seconds() if self.server else 0.0
        done = self.runner.run(run(self.target, workload, self.plan.seconds_of(workload), self.number))
        cpu_seconds = self.server.cpu_seconds() - before if self.server else None
        measured = trial(self.contestant.name, workload, done, cpu_seconds)
        cpu = f", {measured.cpu_us:.0f} us CPU" if measured.cpu_us is not None else ""
        errors = f", errors {measured.errors}" if measured.errors else ""
        self.say(f"  {workload.name:<16} {measured.requests_per_second:>8.1f} requests/s{cpu}{errors}")
        return measured
