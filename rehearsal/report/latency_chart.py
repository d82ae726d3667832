"""Time to the whole answer: the median and the 95th percentile of each slice of the run."""

from collections.abc import Callable, Iterable

from rehearsal.report import step_lanes
from rehearsal.report.axis import TimeAxis, ValueAxis, value_axis
from rehearsal.report.markup import Markup, join, tag
from rehearsal.report.series import Series, Slice
from rehearsal.report.traffic_chart import slice_title, time_labels, value_grid

_PLOT_TOP, _PLOT_HEIGHT = 10.0, 130.0


def latency_chart(run: Series, width: float) -> Markup:
    """The chart as one SVG element of that width."""
    axis = TimeAxis(width, run.seconds)
    bottom = _PLOT_TOP + _PLOT_HEIGHT
    values = value_axis(max((part.p95_ms or 0 for part in run.slices), default=0), bottom, _PLOT_TOP)
    return tag(
        "svg",
        value_grid(values, width, ",.0f"),
        step_lanes.guides(run.marks, axis, _PLOT_TOP, bottom),
        *(_line(stretch, axis, values, "p95", _p95) for stretch in _stretches(run.slices)),
        *(_line(stretch, axis, values, "p50", _p50) for stretch in _stretches(run.slices)),
        *(_pointer_target(part, axis, run.began) for part in run.slices),
        time_labels(axis, bottom + 18),
        viewBox=f"0 0 {width:.0f} {bottom + 26:.0f}",
        role="img",
        aria_label="Median and 95th percentile of the time to the whole answer, over time, in milliseconds",
    )


def _p50(part: Slice) -> float:
    return part.p50_ms or 0.0


def _p95(part: Slice) -> float:
    return part.p95_ms or 0.0


def _stretches(slices: Iterable[Slice]) -> list[list[Slice]]:
    """Runs of slices that have answers: a line must not bridge a time in which nobody was answered."""
    stretches: list[list[Slice]] = [[]]
    for part in slices:
        if part.p50_ms is None:
            stretches.append([])
        else:
            stretches[-1].append(part)
    return [stretch for stretch in stretches if stretch]


def _line(
    stretch: list[Slice], axis: TimeAxis, values: ValueAxis, kind: str, value: Callable[[Slice], float]
) -> Markup:
    points = [(axis.x(min(part.start + part.seconds / 2, axis.seconds)), values.y(value(part))) for part in stretch]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    area = f"{path}L{points[-1][0]:.1f} {values.low:.1f}L{points[0][0]:.1f} {values.low:.1f}z"
    dots = [tag("circle", class_=f"{kind}-dot", cx=x, cy=y, r=2) for x, y in points] if len(points) == 1 else []
    return join(tag("path", class_=f"{kind}-area", d=area), tag("path", class_=f"{kind}-line", d=path), *dots)


def _pointer_target(part: Slice, axis: TimeAxis, began: float) -> Markup:
    left, right = axis.x(part.start), axis.x(min(part.start + part.seconds, axis.seconds))
    title = tag("title", slice_title(part, began))
    return tag("rect", title, class_="pointer", x=left, y=_PLOT_TOP, width=right - left, height=_PLOT_HEIGHT)
