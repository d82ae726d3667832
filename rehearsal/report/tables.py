"""The page's tables: every step, and every request that was not answered, or answered twice."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rehearsal.report.markup import Markup, join, tag
from rehearsal.report.words import NOTHING, milliseconds
from rehearsal.traffic.accounting import Account, StepAccount
from rehearsal.traffic.outage import Outage
from rehearsal.traffic.record import Outcome, Record

_SHOWN = 50


def steps_table(account: Account) -> Markup:
    """One row a step; a number that counts against the run is marked."""
    heads = ("", "step", "seconds", "requests", "answered by", "lost", "cut", "duplicated", "p50 ms", "p95 ms", "exit")
    rows = [_step_row(number, step) for number, step in enumerate(account.steps, 1)]
    return _table("steps", heads, rows)


def failures(account: Account) -> Markup:
    """What to look for in the logs; empty when every request was answered, and once."""
    parts = [*_failure_rows(account.records, account.outage), *_duplicates(account.duplicated_ids)]
    return tag("section", tag("h2", "What to look into"), *parts, class_="card") if parts else Markup()


def _failure_rows(records: Sequence[Record], outage: Outage | None) -> list[Markup]:
    failed = [record for record in records if record.outcome is not Outcome.ANSWERED]
    if not failed:
        return []
    heads = ("started (UTC)", "outcome", "request", "node", "kind", "status", "by", "why")
    table = _table("failures", heads, [_failure_row(record, outage) for record in failed[:_SHOWN]])
    return [table, *_more(len(failed))]


def _duplicates(ids: Sequence[str]) -> list[Markup]:
    if not ids:
        return []
    entries = (tag("li", request_id) for request_id in ids[:_SHOWN])
    return [tag("h3", "Generated more than once"), tag("ul", *entries, class_="code"), *_more(len(ids))]


def _more(number: int) -> list[Markup]:
    return [tag("p", f"And {number - _SHOWN:,} more in the traffic file.", class_="note")] if number > _SHOWN else []


def _step_row(number: int, step: StepAccount) -> Markup:
    window, tally = step.window, step.tally
    return tag(
        "tr",
        _cell("", str(number), "number"),
        _cell("step", window.name, "name"),
        _cell("seconds", f"{window.seconds:.1f}"),
        _cell("requests", f"{tally.requests:,}"),
        _cell("answered by", _shares(tally.by_colour)),
        *(
            _count(name, value)
            for name, value in (("lost", tally.lost), ("cut", tally.cut), ("duplicated", tally.duplicated))
        ),
        _cell("p50 ms", milliseconds(tally.p50_ms)),
        _cell("p95 ms", milliseconds(tally.p95_ms)),
        _exit(window.exit_code, window.expected_exit_code),
    )


def _failure_row(record: Record, outage: Outage | None) -> Markup:
    moment = datetime.fromtimestamp(record.started, UTC)
    outcome = "lost" if record.outcome is None else str(record.outcome)
    planned = outage is not None and outage.cut(record)
    return tag(
        "tr",
        _cell("started (UTC)", f"{moment:%H:%M:%S}.{moment.microsecond // 100_000}"),
        _cell("outcome", f"{outcome} by the story" if planned else outcome, None if planned else "bad"),
        _cell("request", record.id, "code"),
        _cell("node", record.node, "code"),
        _cell("kind", "stream" if record.streaming else "whole"),
        _cell("status", NOTHING if record.status is None else str(record.status)),
        _cell("by", f"{record.colour or NOTHING}, {record.tier or NOTHING}"),
        _cell("why", record.error or "never ended", "why"),
    )


def _table(kind: str, heads: Sequence[str], rows: Sequence[Markup]) -> Markup:
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in heads)))
    return tag("div", tag("table", head, tag("tbody", *rows), class_=kind), class_="scroll")


def _cell(label: str, text: str, kind: str | None = None) -> Markup:
    return tag("td", text, class_=kind, data_label=label or None)


def _count(label: str, number: int) -> Markup:
    return _cell(label, f"{number:,}", "bad" if number else "zero")


def _exit(code: int, expected: int) -> Markup:
    if code != expected:
        return _cell("exit", f"{code}, expected {expected}", "bad")
    return _cell("exit", f"{code}, as expected" if code else "0", None if code else "zero")


def _shares(by_colour: Mapping[str, int]) -> Markup:
    parts = [
        tag("span", tag("i", class_=f"key {colour}"), f"{by_colour[colour]:,}", class_="share", title=colour)
        for colour in ("blue", "green")
        if by_colour.get(colour)
    ]
    return join(*parts) if parts else Markup(NOTHING)
