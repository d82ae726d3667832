"""How much the number of requests varies: windows of 30 days out of daily sums. Pure.

A reservation pays for every hour. Where the volume varies by more than half, the article advises on-demand hosts, or
to size the reservation on the yearly average.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WINDOW_DAYS = 30
MAXIMUM_WINDOWS = 12
MINIMUM_WINDOWS = 2
# requirements: "volume that varies by more than half".
MUCH_PERCENT = 50.0


@dataclass(frozen=True)
class Volume:
    """`percent` is the largest distance of a window from their mean; None where it is not known."""

    percent: float | None
    windows: tuple[float, ...] = ()

    @property
    def varies_much(self) -> bool:
        return self.percent is not None and self.percent > MUCH_PERCENT

    def __str__(self) -> str:
        if self.percent is None:
            return (
                f"how much it varies is not known: {len(self.windows)} full windows of {WINDOW_DAYS} days were "
                f"measured, {MINIMUM_WINDOWS} are needed (give --varies PERCENT)"
            )
        if not self.windows:
            return f"it varies by {self.percent:.0f} % as given"
        mean = sum(self.windows) / len(self.windows)
        return (
            f"it varies by {self.percent:.0f} %, over {len(self.windows)} windows of {WINDOW_DAYS} days with "
            f"{mean:,.0f} requests on average"
        )


def given(percent: float) -> Volume:
    return Volume(percent)


def measured(requests_a_day: Mapping[date, float], today: date) -> Volume:
    """Of full windows only: today is left out, and so are the days before the first request.

    A day without a data point within a window is a day without a request.
    """
    windows = _windows(requests_a_day, today)
    return Volume(_percent(windows) if len(windows) >= MINIMUM_WINDOWS else None, tuple(windows))


def _windows(requests_a_day: Mapping[date, float], today: date) -> list[float]:
    if not requests_a_day:
        return []
    first = min(requests_a_day)
    full = min(MAXIMUM_WINDOWS, (today - first).days // WINDOW_DAYS)
    return [_sum(requests_a_day, today - timedelta(days=WINDOW_DAYS * (number + 1))) for number in range(full)]


def _sum(requests_a_day: Mapping[date, float], start: date) -> float:
    return sum(requests_a_day.get(start + timedelta(days=day), 0.0) for day in range(WINDOW_DAYS))


def _percent(windows: Sequence[float]) -> float:
    mean = sum(windows) / len(windows)
    return 100 * max(abs(window - mean) for window in windows) / mean if mean else 0.0
