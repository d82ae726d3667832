"""From seconds and values to places in a drawing, and the round numbers to write beside an axis. Pure."""

import math
from dataclasses import dataclass

_TIME_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)
LEFT, RIGHT = 40.0, 10.0


@dataclass(frozen=True)
class TimeAxis:
    """`seconds` of run over a drawing that is `width` wide."""

    width: float
    seconds: float

    def x(self, second: float) -> float:
        return LEFT + (self.width - LEFT - RIGHT) * second / self.seconds

    def ticks(self) -> list[float]:
        """Round moments, not closer than a label is wide."""
        most = max(2, int((self.width - LEFT - RIGHT) / 64))
        step = next((step for step in _TIME_STEPS if self.seconds / step <= most), math.ceil(self.seconds / most))
        return [float(at) for at in range(0, int(self.seconds) + 1, step)]


@dataclass(frozen=True)
class ValueAxis:
    """Values from 0 to `top`, marked every `step`, between the heights `low` (the plot's bottom) and `high`."""

    top: float
    step: float
    low: float
    high: float

    def y(self, value: float) -> float:
        return self.low - (self.low - self.high) * min(value, self.top) / self.top

    def ticks(self) -> list[float]:
        return [self.step * at for at in range(round(self.top / self.step) + 1)]


def value_axis(largest: float, low: float, high: float, whole: bool = False) -> ValueAxis:
    """An axis that ends on a round number at or above `largest`; `whole` allows no fractions."""
    step = max(_nice(max(largest, 1e-9) / 4), 1 if whole else 0)
    return ValueAxis(step * math.ceil(max(largest, step) / step), step, low, high)


def clock(seconds: float) -> str:
    """A moment of the run: minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _nice(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 … at or above a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= value * 0.999)
