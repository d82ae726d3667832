"""The traffic over time: equal slices, each with who answered, what failed and how long it took. Pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rehearsal.traffic.accounting import Account, latencies_ms, percentile
from rehearsal.traffic.record import Outcome, Record

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Slice:
    """Requests that started within `seconds` from `start`, which counts from the start of the series.

    `by_colour` has the requests that were answered or refused, so that it and `failed` add up to all of them.
    """

    start: float
    seconds: float
    by_colour: Mapping[str, int]
    by_model: Mapping[str, int]
    lost: int
    cut: int
    p50_ms: float | None
    p95_ms: float | None

    @property
    def failed(self) -> int:
        return self.lost + self.cut

    @property
    def requests(self) -> int:
        return sum(self.by_colour.values()) + self.failed


@dataclass(frozen=True)
class Mark:
    """A step on the time axis, numbered as in the table."""

    number: int
    name: str
    start: float
    end: float
    as_expected: bool = True


@dataclass(frozen=True)
class Series:
    """`began` is in epoch seconds; all else counts from it."""

    began: float
    seconds: float
    slices: tuple[Slice, ...]
    marks: tuple[Mark, ...]


def series(account: Account, maximum_slices: int, minimum_slice_seconds: float = 1.0) -> Series:
    """Slice a run into at most that many whole-second slices, from its first request or step to its last."""
    moments = [record.started for record in account.records]
    moments += [edge for step in account.steps for edge in (step.window.started_at, step.window.ended_at)]
    if not moments:
        return Series(0.0, 1.0, (), ())
    began, span = min(moments), max(max(moments) - min(moments), 1.0)
    width = max(minimum_slice_seconds, math.ceil(span / maximum_slices))
    slots: list[list[Record]] = [[] for _ in range(math.floor(span / width) + 1)]
    for record in account.records:
        slots[int((record.started - began) / width)].append(record)
    slices = tuple(_slice(at * width, width, slot) for at, slot in enumerate(slots))
    return Series(began, span, slices, _marks(account, began))


def _slice(start: float, seconds: float, records: Sequence[Record]) -> Slice:
    whole = [record for record in records if record.outcome in (Outcome.ANSWERED, Outcome.REFUSED)]
    latencies = latencies_ms(records)
    cut = sum(record.outcome is Outcome.CUT for record in records)
    return Slice(
        start=start,
        seconds=seconds,
        by_colour=Counter(record.colour or UNKNOWN for record in whole),
        by_model=Counter(_model(record) for record in whole),
        lost=len(records) - len(whole) - cut,
        cut=cut,
        p50_ms=percentile(latencies, 50),
        p95_ms=percentile(latencies, 95),
    )


def _model(record: Record) -> str:
    """Which model answered: a colour, or the tier when it was not our own."""
    if record.tier in (None, "vllm"):
        return record.model_colour or UNKNOWN
    return str(record.tier)


def _marks(account: Account, began: float) -> tuple[Mark, ...]:
    windows = enumerate((step.window for step in account.steps), 1)
    return tuple(
        Mark(number, window.name, window.started_at - began, window.ended_at - began, window.as_expected)
        for number, window in windows
    )
