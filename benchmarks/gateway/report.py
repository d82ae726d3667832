"""Results as Markdown that reads as text, and as JSON. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.gateway.budgets import difference, quotient, verdicts
from benchmarks.gateway.contestants import DIRECT, IN_ORDER, LITELLM, SWITCHYARD
from benchmarks.gateway.figures import Found, Life, Trial, found
from benchmarks.gateway.trials import Results
from benchmarks.gateway.workloads import Loop, Workload

_HEAD = (
    "", "requests/s", "(range)", "p50 ms", "p99 ms", "added p50", "added p99", "first word p50", "p99", "CPU us",
    "cores", "errors", "late",
)  # fmt: skip
_NOTES = (
    "Medians over the trials. p50 and p99 are of one trial's answers; added is the same percentile's difference from\n"
    "the direct baseline, so that an added p99 is an estimate. CPU is user and system time of the server and its\n"
    "children by its whole answers, in microseconds; at a low rate with what it does without requests. Cores: how\n"
    "many that kept busy; in a closed loop less than 1.0 is what other work on the machine took away. First word:\n"
    "from the request to the first word of the answer. Late: requests that the load sent 10 ms late or more."
)


def text(results: Results, workloads: Sequence[Workload], about: dict[str, str]) -> str:
    """All of it: the machine, a table a workload, the processes, the ratios and the budgets."""
    parts = ["\n".join(f"{name}: {value}" for name, value in about.items()), _NOTES]
    parts += [table for workload in workloads if (table := _workload(results.trials, workload))]
    parts += [_lives(results.lives), _ratios(results.trials, workloads), _budgets(results.trials, workloads)]
    return "\n\n".join(part for part in parts if part)


def as_json(results: Results, workloads: Sequence[Workload], about: dict[str, str]) -> dict[str, Any]:
    return {
        "about": about,
        "workloads": [asdict(workload) for workload in workloads],
        "trials": [asdict(entry) for entry in results.trials],
        "lives": [asdict(life) for life in results.lives],
        "budgets": [asdict(verdict) | {"is_kept": verdict.is_kept} for verdict in verdicts(results.trials, workloads)],
    }


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    rule = ["-" * widths[0], *["-" * (width - 1) + ":" for width in widths[1:]]]

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join([cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])]) + " |"

    return "\n".join(map(line, [head, rule, *rows]))


def number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _workload(trials: Sequence[Trial], workload: Workload) -> str:
    rows = {name: figures for name in IN_ORDER if (figures := found(trials, name, workload.name))}
    baseline = rows.get(DIRECT)
    cells = [_row(name, figures, baseline) for name, figures in rows.items()]
    how = f"{workload.connections} connections" if workload.loop is Loop.CLOSED else f"{workload.rate_per_second:g}/s"
    return (
        f"### {workload.name}: {workload.loop} loop, {how}, {workload.title}\n\n{table(_HEAD, cells)}" if rows else ""
    )


def _row(name: str, figures: Found, baseline: Found | None) -> list[str]:
    base = baseline if baseline is not None and baseline is not figures else None
    return [
        name,
        number(figures.requests_per_second),
        f"{number(figures.slowest)}-{number(figures.fastest)}",
        number(figures.p50_ms, 2),
        number(figures.p99_ms, 2),
        number(difference(figures.p50_ms, base.p50_ms) if base else None, 2),
        number(difference(figures.p99_ms, base.p99_ms) if base else None, 2),
        number(figures.first_p50_ms, 2),
        number(figures.first_p99_ms, 2),
        number(figures.cpu_us, 0),
        number(figures.busy, 2),
        ", ".join(f"{count} {what}" for what, count in figures.errors.items()) or "0",
        str(figures.late),
    ]


def _lives(lives: Sequence[Life]) -> str:
    rows = []
    for name in IN_ORDER:
        mine = [life for life in lives if life.contestant == name]
        if not mine:
            continue
        values = [
            [life.start_seconds for life in mine],
            [life.idle_mb for life in mine],
            [life.loaded_mb for life in mine],
        ]
        start, idle, loaded = map(statistics.median, values)
        rows.append([name, number(start, 2), number(idle, 0), number(loaded, 0)])
    head = ("", "ready after s", "memory MB, idle", "after the load")
    return f"### Processes\n\n{table(head, rows)}" if rows else ""


def _ratios(trials: Sequence[Trial], workloads: Sequence[Workload]) -> str:
    rows = []
    for workload in workloads:
        mine, theirs = found(trials, SWITCHYARD, workload.name), found(trials, LITELLM, workload.name)
        if mine is None or theirs is None:
            continue
        values = (
            quotient(mine.requests_per_second, theirs.requests_per_second) if workload.loop is Loop.CLOSED else None,
            quotient(theirs.p50_ms, mine.p50_ms),
            quotient(theirs.p99_ms, mine.p99_ms),
            quotient(theirs.first_p50_ms, mine.first_p50_ms),
            quotient(theirs.cpu_us, mine.cpu_us),
        )
        rows.append([workload.name, *map(number, values)])
    head = ("", "requests/s", "p50", "p99", "first word p50", "CPU")
    return f"### {SWITCHYARD}, times better than {LITELLM}\n\n{table(head, rows)}" if rows else ""


def _budgets(trials: Sequence[Trial], workloads: Sequence[Workload]) -> str:
    words = {True: "kept", False: "NOT KEPT", None: "not measured"}
    rows = [
        [
            verdict.what,
            f"{number(verdict.measured)} {verdict.unit}",
            f"{'>=' if verdict.at_least else '<='} {verdict.budget:g} {verdict.unit}",
            words[verdict.is_kept],
        ]
        for verdict in verdicts(trials, workloads)
    ]
    return f"### Budgets of {SWITCHYARD}\n\n{table(('', 'measured', 'budget', ''), rows)}"
