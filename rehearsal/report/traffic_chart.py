"""Requests over time, stacked by the colour that answered, with failures on top and the steps beneath."""

from datetime import UTC, datetime
from itertools import groupby

from rehearsal.report import step_lanes
from rehearsal.report.axis import LEFT, RIGHT, TimeAxis, ValueAxis, clock, value_axis
from rehearsal.report.markup import Markup, join, tag
from rehearsal.report.series import UNKNOWN, Series, Slice

COLOURS = ("blue", "green", UNKNOWN)
_MODELS = (*COLOURS, "openai", "cache")
_PLOT_TOP, _PLOT_HEIGHT = 18.0, 190.0
_STRIP_HEIGHT = 9.0


def traffic_chart(run: Series, width: float) -> Markup:
    """The chart as one SVG element of that width."""
    axis = TimeAxis(width, run.seconds)
    bottom = _PLOT_TOP + _PLOT_HEIGHT
    values = value_axis(max((part.requests for part in run.slices), default=0), bottom, _PLOT_TOP, whole=True)
    placed = step_lanes.place(run.marks, axis)
    lanes_top = bottom + 60
    height = lanes_top + step_lanes.lanes(placed) * step_lanes.LANE_HEIGHT
    return tag(
        "svg",
        value_grid(values, width, "g"),
        step_lanes.guides(run.marks, axis, _PLOT_TOP, bottom + 22),
        *(_bar(part, axis, values, run.began) for part in run.slices),
        _model_strip(run, axis, bottom + 10),
        time_labels(axis, bottom + 38),
        step_lanes.draw(placed, axis, lanes_top),
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        role="img",
        aria_label="Requests over time by the colour that answered, with the steps of the run beneath",
    )


def value_grid(values: ValueAxis, width: float, form: str) -> Markup:
    """Horizontal lines with their numbers."""
    lines = []
    for tick in values.ticks():
        y = values.y(tick)
        lines.append(tag("line", class_="grid", x1=LEFT, x2=width - RIGHT, y1=y, y2=y))
        lines.append(tag("text", format(tick, form), class_="tick", x=LEFT - 6, y=y + 4, text_anchor="end"))
    return join(*lines)


def time_labels(axis: TimeAxis, y: float) -> Markup:
    """Minutes and seconds since the start, under the plot."""
    return join(
        *(tag("text", clock(at), class_="tick", x=axis.x(at), y=y, text_anchor="middle") for at in axis.ticks())
    )


def slice_title(part: Slice, began: float) -> str:
    """What a pointer over the slice shows."""
    moment = datetime.fromtimestamp(began + part.start, UTC)
    colours = [f"{colour} {part.by_colour[colour]}" for colour in COLOURS if part.by_colour.get(colour)]
    failures = [f"{number} {name}" for name, number in (("lost", part.lost), ("cut", part.cut)) if number]
    latency = [] if part.p50_ms is None else [f"p50 {part.p50_ms:,.0f} ms, p95 {part.p95_ms or 0:,.0f} ms"]
    return " · ".join([f"{clock(part.start)} ({moment:%H:%M:%S} UTC)", *colours, *failures, *latency])


def _bar(part: Slice, axis: TimeAxis, values: ValueAxis, began: float) -> Markup:
    if not part.requests:
        return Markup()
    left, width = _slot(part, axis)
    pieces, below = [], 0
    for kind, number in (*((colour, part.by_colour.get(colour, 0)) for colour in COLOURS), ("failed", part.failed)):
        if number:
            top = values.y(below + number)
            height = values.y(below) - top
            pieces.append(tag("rect", class_=kind, x=left, y=top, width=width, height=height))
        below += number
    return tag("g", tag("title", slice_title(part, began)), *pieces, _failure_sign(part, left + width / 2, values))


def _failure_sign(part: Slice, x: float, values: ValueAxis) -> Markup:
    """A triangle above the bar: one lost request among a thousand must catch the eye."""
    if not part.failed:
        return Markup()
    y = values.y(part.requests) - 3
    return tag("path", class_="failed", d=f"M{x - 5:.1f} {y - 9:.1f}h10l-5 9z")


def _model_strip(run: Series, axis: TimeAxis, y: float) -> Markup:
    """Which model answered most requests, as one piece for as long as it stays the same."""
    pieces = [tag("text", "model", class_="tick", x=LEFT - 6, y=y + 8, text_anchor="end")]
    for kind, stretch in groupby(run.slices, _main_model):
        parts = list(stretch)
        left, right = _edges(parts[0], axis)[0], _edges(parts[-1], axis)[1]
        if kind:
            pieces.append(tag("rect", class_=kind, x=left, y=y, width=right - left, height=_STRIP_HEIGHT))
    return join(*pieces)


def _main_model(part: Slice) -> str:
    if not part.by_model:
        return ""
    main = max(part.by_model, key=lambda name: part.by_model[name])
    return main if main in _MODELS else UNKNOWN


def _slot(part: Slice, axis: TimeAxis) -> tuple[float, float]:
    """A bar's left side and width, with air beside it where there is room."""
    left, right = _edges(part, axis)
    gap = 0.8 if right - left > 3 else 0.0
    return left, max(right - left - gap, 0.8)


def _edges(part: Slice, axis: TimeAxis) -> tuple[float, float]:
    return axis.x(part.start), axis.x(min(part.start + part.seconds, axis.seconds))
