"""Round numbers on the axes, and nothing drawn outside."""

from itertools import pairwise

import pytest

from rehearsal.report.axis import TimeAxis, clock, value_axis


@pytest.mark.parametrize("seconds", [1, 12, 119.6, 600, 1800, 40000])
@pytest.mark.parametrize("width", [400, 1040])
def test_time_ticks_are_inside_and_apart(seconds: float, width: float) -> None:
    axis = TimeAxis(width, seconds)
    places = [axis.x(at) for at in axis.ticks()]
    assert places[0] >= 40
    assert places[-1] <= width - 10
    assert all(later - earlier > 45 for earlier, later in pairwise(places))


@pytest.mark.parametrize(
    ("largest", "whole", "ticks"),
    [
        (0, True, [0, 1]),
        (11, True, [0, 5, 10, 15]),
        (62, True, [0, 20, 40, 60, 80]),
        (1724, False, [0, 500, 1000, 1500, 2000]),
    ],
)
def test_value_ticks_are_round_and_reach_the_largest(largest: float, whole: bool, ticks: list[float]) -> None:
    axis = value_axis(largest, low=200, high=20, whole=whole)
    assert axis.ticks() == ticks
    assert 20 <= axis.y(largest) <= 200


def test_the_clock_has_minutes_and_seconds() -> None:
    assert [clock(0), clock(59.9), clock(125)] == ["0:00", "0:59", "2:05"]
