"""Names of steps never cover each other."""

from itertools import pairwise

from rehearsal.report.axis import TimeAxis
from rehearsal.report.series import Mark
from rehearsal.report.step_lanes import lanes, place

AXIS = TimeAxis(400, 120)


def _marks(count: int) -> list[Mark]:
    length = 120 / count
    return [Mark(number + 1, "switchover", number * length, (number + 1) * length) for number in range(count)]


def test_names_in_one_lane_do_not_overlap() -> None:
    placed = place(_marks(10), AXIS)
    for lane in range(lanes(placed)):
        lefts = [step.left for step in placed if step.lane == lane]
        assert all(later - earlier > 6 * len("1 switchover") for earlier, later in pairwise(lefts))
    assert all(step.left + 6 * len(step.label) <= 400 for step in placed)


def test_a_soak_has_bars_without_names() -> None:
    placed = place(_marks(200), AXIS)
    assert {step.label for step in placed} == {""}
    assert lanes(placed) <= 3
