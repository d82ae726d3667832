"""The steps beneath a chart: a bar for each, its name under it, in as few lanes as the names need."""

from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.report.axis import RIGHT, TimeAxis
from rehearsal.report.markup import Markup, join, tag
from rehearsal.report.series import Mark

LANE_HEIGHT = 27.0
_CHARACTER_WIDTH = 6.3
_GAP = 10.0
_SHORTEST_BAR = 4.0
_MOST_LANES = 12
_MOST_GUIDES = 30


@dataclass(frozen=True)
class PlacedStep:
    """A step with its label, which begins at `left`, in one of the lanes."""

    mark: Mark
    label: str
    left: float
    lane: int


def place(marks: Sequence[Mark], axis: TimeAxis) -> list[PlacedStep]:
    """Each step in the first lane where nothing is written yet; without names where they would fill the page."""
    placed = _place(marks, axis, named=True)
    return placed if lanes(placed) <= _MOST_LANES else _place(marks, axis, named=False)


def lanes(placed: Sequence[PlacedStep]) -> int:
    return max((step.lane + 1 for step in placed), default=0)


def draw(placed: Sequence[PlacedStep], axis: TimeAxis, top: float) -> Markup:
    return join(*(_draw_step(step, axis, top + step.lane * LANE_HEIGHT) for step in placed))


def guides(marks: Sequence[Mark], axis: TimeAxis, top: float, bottom: float) -> Markup:
    """A thin line through the plot where each step begins, unless they would be a hatching."""
    if len(marks) > _MOST_GUIDES:
        return Markup()
    starts = [axis.x(mark.start) for mark in marks]
    return join(*(tag("line", class_="guide", x1=x, x2=x, y1=top, y2=bottom) for x in starts))


def _place(marks: Sequence[Mark], axis: TimeAxis, named: bool) -> list[PlacedStep]:
    ends: list[float] = []
    placed = []
    for mark in marks:
        label = f"{mark.number} {mark.name}" if named else ""
        left, right = _extent(mark, label, axis)
        lane = next((at for at, end in enumerate(ends) if end <= left), len(ends))
        ends[lane : lane + 1] = [right + (_GAP if named else 0.0)]
        placed.append(PlacedStep(mark, label, left, lane))
    return placed


def _extent(mark: Mark, label: str, axis: TimeAxis) -> tuple[float, float]:
    start, end = axis.x(mark.start), axis.x(mark.end)
    width = len(label) * _CHARACTER_WIDTH
    left = max(0.0, min(start, axis.width - RIGHT - width))
    return left, max(end, start + _SHORTEST_BAR, left + width)


def _draw_step(step: PlacedStep, axis: TimeAxis, top: float) -> Markup:
    mark = step.mark
    start = axis.x(mark.start)
    return tag(
        "g",
        tag("title", f"{mark.number} {mark.name}: {mark.end - mark.start:.1f} s"),
        tag(
            "rect",
            class_="step" if mark.as_expected else "failed",
            x=start,
            y=top,
            width=max(axis.x(mark.end) - start, _SHORTEST_BAR),
            height=5,
            rx=2.5,
        ),
        tag("text", step.label, class_="step-name", x=step.left, y=top + 17) if step.label else "",
    )
