"""What became of every request, in total and in each step. Pure: takes what others read from files.

A request belongs to the step in which it started. One that never ended counts as lost: nobody can show its answer.
Duplicated is a request id for which the upstreams together completed more than one generation.
A stream that the story's own outage cut is counted apart: it is no flaw of who served it (outage).
Percentiles are by nearest rank over answered requests; a lost one has no latency, it has been counted already.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rehearsal.traffic.outage import Outage
from rehearsal.traffic.record import Outcome, Record


@dataclass(frozen=True)
class StepWindow:
    """One step of the story, in epoch seconds: from `started_at` up to, not including, `ended_at`."""

    name: str
    started_at: float
    ended_at: float
    exit_code: int = 0
    expected_exit_code: int = 0

    @property
    def seconds(self) -> float:
        return self.ended_at - self.started_at

    @property
    def as_expected(self) -> bool:
        return self.exit_code == self.expected_exit_code

    def holds(self, moment: float) -> bool:
        return self.started_at <= moment < self.ended_at


@dataclass(frozen=True)
class Tally:
    """Counts of a set of requests. `lost` includes the `unfinished`; percentiles are None without an answer.

    `cut_by_outage` are the streams that a kill on purpose explains; `cut` are all others.
    """

    requests: int
    answered: int
    refused: int
    lost: int
    cut: int
    duplicated: int
    unfinished: int
    cut_by_outage: int
    p50_ms: float | None
    p95_ms: float | None
    by_colour: Mapping[str, int]
    by_tier: Mapping[str, int]
    by_release: Mapping[str, int]


@dataclass(frozen=True)
class StepAccount:
    window: StepWindow
    tally: Tally


@dataclass(frozen=True)
class Account:
    """The whole run. `total` has more requests than the steps together where some started between two steps.

    `wrong_model_ids` are the requests whose reply names a vLLM colour that did not generate it.
    """

    total: Tally
    steps: tuple[StepAccount, ...]
    records: tuple[Record, ...]
    duplicated_ids: tuple[str, ...] = ()
    wrong_model_ids: tuple[str, ...] = ()
    outage: Outage | None = None

    @property
    def rate_per_second(self) -> float:
        """Requests a second, from the first start to the last."""
        span = self.records[-1].started - self.records[0].started if self.records else 0.0
        return (len(self.records) - 1) / span if span > 0 else 0.0

    @property
    def flawless(self) -> bool:
        """Whether every request was answered once and every step ended as it should. Nothing sent proves nothing.

        What the story itself cut was not to be answered.
        """
        total = self.total
        return (
            total.requests > 0
            and total.answered + total.cut_by_outage == total.requests
            and total.duplicated == 0
            and all(step.window.as_expected for step in self.steps)
        )


def account(
    records: Iterable[Record],
    completed_ids: Iterable[str],
    windows: Sequence[StepWindow],
    outage: Outage | None = None,
) -> Account:
    """Add up one run. `completed_ids` has one request id for each generation that an upstream completed.

    An id that the traffic did not send (a probe of the engine) counts in the total only, when duplicated.
    """
    ordered = tuple(sorted(records, key=lambda record: record.started))
    repeated = {request_id for request_id, count in Counter(completed_ids).items() if count > 1}
    steps = tuple(StepAccount(window, _tally(_within(ordered, window), repeated, outage)) for window in windows)
    foreign = repeated - {record.id for record in ordered}
    total = _tally(ordered, repeated, outage, len(foreign))
    return Account(total, steps, ordered, tuple(sorted(repeated)), outage=outage)


def percentile(values: Sequence[float], percent: int) -> float | None:
    """By nearest rank: the smallest value that at least `percent` of 100 values do not exceed."""
    if not values:
        return None
    rank = -(-percent * len(values) // 100)
    return sorted(values)[max(rank, 1) - 1]


def latencies_ms(records: Iterable[Record]) -> list[float]:
    """Times of the answered requests, from start to last byte."""
    return [record.ms for record in records if record.outcome is Outcome.ANSWERED and record.ms is not None]


def seconds_to_last_answer(records: Iterable[Record], colour: str, since: float) -> float:
    """How long after `since` (a command's start) the last answer of `colour` came to its end; 0 if none did."""
    ends = [
        record.started + record.ms / 1000 for record in records if record.colour == colour and record.ms is not None
    ]
    return max([end - since for end in ends if end >= since], default=0.0)


def _within(records: Iterable[Record], window: StepWindow) -> list[Record]:
    return [record for record in records if window.holds(record.started)]


def _tally(records: Sequence[Record], repeated: set[str], outage: Outage | None, foreign: int = 0) -> Tally:
    outcomes = Counter(record.outcome for record in records)
    explained = sum(outage.cut(record) for record in records) if outage else 0
    latencies = latencies_ms(records)
    return Tally(
        requests=len(records),
        answered=outcomes[Outcome.ANSWERED],
        refused=outcomes[Outcome.REFUSED],
        lost=outcomes[Outcome.LOST] + outcomes[None],
        cut=outcomes[Outcome.CUT] - explained,
        duplicated=sum(record.id in repeated for record in records) + foreign,
        unfinished=outcomes[None],
        cut_by_outage=explained,
        p50_ms=percentile(latencies, 50),
        p95_ms=percentile(latencies, 95),
        by_colour=_count(records, lambda record: record.colour),
        by_tier=_count(records, lambda record: record.tier),
        by_release=_count(records, lambda record: record.release),
    )


def _count(records: Iterable[Record], key: Callable[[Record], str | None]) -> Mapping[str, int]:
    """Requests by what their reply named; those without such a header are left out."""
    return dict(Counter(value for record in records if (value := key(record)) is not None))
