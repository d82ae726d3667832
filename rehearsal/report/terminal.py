"""The table that ends a rehearsal on the terminal, as text."""

from collections.abc import Sequence

from rehearsal.report.facts import Fallback
from rehearsal.report.words import findings, milliseconds, stood_in
from rehearsal.traffic.accounting import Account, Tally

_HEAD = ("step", "seconds", "requests", "lost", "p50 ms", "p95 ms")


def terminal_table(account: Account, fallback: Fallback | None = None) -> str:
    """One line a step, one for the whole run, and the sentence that says what was found; another for an outage."""
    steps = [_row(step.window.name, step.window.seconds, step.tally) for step in account.steps]
    # The whole run is its steps and what lies between them; its length is that of the traffic.
    span = account.records[-1].started - account.records[0].started if account.records else 0.0
    total = _row("all traffic", span, account.total)
    widths = [max(len(row[at]) for row in (_HEAD, *steps, total)) for at in range(len(_HEAD))]
    rule = "  ".join("-" * width for width in widths)
    lines = [_line(_HEAD, widths), rule, *(_line(row, widths) for row in steps), rule, _line(total, widths)]
    cost = [f"While vLLM was away {stood_in(fallback)}."] if fallback else []
    return "\n".join([*lines, "", findings(account), *cost])


def _row(name: str, seconds: float, tally: Tally) -> tuple[str, ...]:
    times = milliseconds(tally.p50_ms), milliseconds(tally.p95_ms)
    return (name, f"{seconds:.1f}", str(tally.requests), str(tally.lost), *times)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join([first.strip().ljust(widths[0]), *rest]).rstrip()
