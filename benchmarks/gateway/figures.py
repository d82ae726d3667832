"""What was measured, as plain records, and their medians over the trials."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.gateway.load import Run
from benchmarks.gateway.workloads import Workload


@dataclass(frozen=True)
class Trial:
    """One contestant under one workload, once. Times in milliseconds, CPU in microseconds; a trial in which nothing
    was answered has none. `cpu_us`: of the server and its children, a request that was answered. `busy`: how many cores
    they used; in a closed loop less than one is what other work on the machine took away."""

    contestant: str
    workload: str
    answered: int
    requests_per_second: float
    p50_ms: float | None
    p99_ms: float | None
    mean_ms: float | None
    first_p50_ms: float | None
    first_p99_ms: float | None
    cpu_us: float | None
    busy: float | None = None
    late: int = 0
    errors: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Life:
    """One server process, from its start to the end of a trial. Memory is resident, children included."""

    contestant: str
    start_seconds: float
    idle_mb: float
    loaded_mb: float


@dataclass(frozen=True)
class Found:
    """Medians over the trials of one contestant under one workload; None: nothing was answered, or no process."""

    trials: int
    answered: int
    requests_per_second: float
    slowest: float
    fastest: float
    p50_ms: float | None
    p99_ms: float | None
    mean_ms: float | None
    first_p50_ms: float | None
    first_p99_ms: float | None
    cpu_us: float | None
    busy: float | None
    late: int
    errors: dict[str, int]


def trial(contestant: str, workload: Workload, run: Run, cpu_seconds: float | None) -> Trial:
    answered = len(run.latencies)
    return Trial(
        contestant,
        workload.name,
        answered,
        answered / run.seconds,
        percentile_ms(run.latencies, 50),
        percentile_ms(run.latencies, 99),
        statistics.fmean(run.latencies) * 1e3 if answered else None,
        percentile_ms(run.firsts, 50),
        percentile_ms(run.firsts, 99),
        cpu_seconds / answered * 1e6 if answered and cpu_seconds is not None else None,
        cpu_seconds / run.seconds if cpu_seconds is not None else None,
        run.late,
        dict(run.errors),
    )


def found(trials: Iterable[Trial], contestant: str, workload: str) -> Found | None:
    """None: the contestant took no part."""
    mine = [entry for entry in trials if (entry.contestant, entry.workload) == (contestant, workload)]
    if not mine:
        return None
    rates = [entry.requests_per_second for entry in mine]
    errors: Counter[str] = Counter()
    for entry in mine:
        errors.update(entry.errors)

    def median(of: Callable[[Trial], float | None]) -> float | None:
        values = [value for entry in mine if (value := of(entry)) is not None]
        return statistics.median(values) if values else None

    return Found(
        len(mine),
        sum(entry.answered for entry in mine),
        statistics.median(rates),
        min(rates),
        max(rates),
        median(lambda entry: entry.p50_ms),
        median(lambda entry: entry.p99_ms),
        median(lambda entry: entry.mean_ms),
        median(lambda entry: entry.first_p50_ms),
        median(lambda entry: entry.first_p99_ms),
        median(lambda entry: entry.cpu_us),
        median(lambda entry: entry.busy),
        sum(entry.late for entry in mine),
        dict(errors),
    )


def percentile_ms(seconds: Sequence[float], percent: float) -> float | None:
    """Nearest rank: a value that was measured, never one between two."""
    if not seconds:
        return None
    rank = -(-len(seconds) * percent // 100)
    return sorted(seconds)[int(rank) - 1] * 1e3
