"""What the gateway may cost, beside what it was measured to cost. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.gateway.contestants import LITELLM, SWITCHYARD
from benchmarks.gateway.figures import Found, Trial, found
from benchmarks.gateway.workloads import Workload


@dataclass(frozen=True)
class Verdict:
    """`measured` None: something that it needs was not measured."""

    what: str
    measured: float | None
    budget: float
    unit: str
    at_least: bool = False

    @property
    def is_kept(self) -> bool | None:
        if self.measured is None:
            return None
        return self.measured >= self.budget if self.at_least else self.measured <= self.budget


def verdicts(trials: Iterable[Trial], workloads: Iterable[Workload]) -> list[Verdict]:
    known = list(trials)
    by_name = {workload.name: workload for workload in workloads}

    def cpu(name: str) -> float | None:
        mine = found(known, SWITCHYARD, name)
        return mine.cpu_us if mine else None

    def a_chunk(name: str) -> float | None:
        return quotient(difference(cpu(name), cpu("json")), by_name[name].chunks)

    def times(name: str, of: Callable[[Found], float | None]) -> float | None:
        """LiteLLM's figure by the gateway's."""
        mine, theirs = found(known, SWITCHYARD, name), found(known, LITELLM, name)
        return quotient(of(theirs), of(mine)) if mine and theirs else None

    throughput = times("json", lambda figures: figures.requests_per_second)
    return [
        Verdict("CPU a request, upstream answers JSON", cpu("json"), 250, "us"),
        Verdict("and a chunk, streamed at once and assembled", a_chunk("assembled"), 25, "us"),
        Verdict("and a chunk, streamed at a pace and assembled", a_chunk("assembled-paced"), 25, "us"),
        Verdict("and a chunk, streamed at once to the client", a_chunk("sse"), 60, "us"),
        Verdict("and a chunk, streamed at a pace to the client", a_chunk("sse-paced"), 60, "us"),
        Verdict("requests/s, times LiteLLM's (aim 15)", quotient(1.0, throughput), 10, "x", at_least=True),
        Verdict("requests a CPU second, times LiteLLM's", times("json", _cpu), 10, "x", at_least=True),
        Verdict("p99 under load, times below LiteLLM's", times("json", _p99), 5, "x", at_least=True),
        Verdict("p99 at the slow rate, times below LiteLLM's", times("json-open", _p99), 5, "x", at_least=True),
    ]


def difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def quotient(one: float | None, other: float | None) -> float | None:
    return None if one is None or not other else one / other


def _p99(figures: Found) -> float | None:
    return figures.p99_ms


def _cpu(figures: Found) -> float | None:
    return figures.cpu_us
