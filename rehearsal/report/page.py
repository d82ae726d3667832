"""report.html: one file that needs nothing else, not even a network. Owns what is said and in which order."""

from datetime import UTC, datetime
from pathlib import Path

from rehearsal.report import sections
from rehearsal.report.facts import ReportFacts
from rehearsal.report.latency_chart import latency_chart
from rehearsal.report.markup import Markup, join, tag
from rehearsal.report.series import series
from rehearsal.report.tables import failures, steps_table
from rehearsal.report.traffic_chart import traffic_chart
from rehearsal.report.verdict import alarms, passed
from rehearsal.report.words import count, findings, headline, milliseconds
from rehearsal.traffic.accounting import Account

_WIDE, _NARROW = 1040.0, 400.0
_CSS = Path(__file__).with_name("page.css")
# The browser itself then refuses anything that is not in this file.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(account: Account, facts: ReportFacts) -> str:
    """The whole document."""
    body = tag(
        "main",
        _head(account, facts),
        _tiles(account),
        _traffic(account),
        _latency(account),
        tag("section", tag("h2", "Step by step"), steps_table(account), class_="card"),
        sections.outage(facts.fallback, account.total.cut_by_outage),
        failures(account),
        sections.not_proven(facts),
        tag("div", sections.permissions(facts), sections.resources(facts), class_="pair"),
        tag("div", sections.machine(facts.machine), sections.definitions(), class_="pair"),
    )
    return "<!doctype html>\n" + tag("html", _document_head(facts), tag("body", body), lang="en")


def _document_head(facts: ReportFacts) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"Switchyard rehearsal: {facts.story}"),
        tag("style", Markup(_CSS.read_text())),
    )


def _head(account: Account, facts: ReportFacts) -> Markup:
    verdict, kind = ("passed", "good") if passed(account, facts) else ("failed", "bad")
    return tag(
        "header",
        tag("p", tag("span", verdict, class_=f"pill {kind}"), _occasion(account, facts), class_="eyebrow"),
        tag("h1", headline(account), class_=kind),
        tag("p", _lede(account), class_="lede"),
        *(tag("p", sentence, class_="alarm") for sentence in alarms(account, facts)),
    )


def _occasion(account: Account, facts: ReportFacts) -> str:
    parts = ["Switchyard rehearsal", facts.story]
    if account.records:
        parts.append(f"{datetime.fromtimestamp(account.records[0].started, UTC):%d %B %Y, %H:%M UTC}")
    return " · ".join(parts)


def _lede(account: Account) -> str:
    streams = sum(record.streaming for record in account.records)
    share = round(100 * streams / max(len(account.records), 1))
    return (
        f"Clients called the API {account.rate_per_second:.1f} times a second, {share} % of the calls as streams, "
        f"while the {count(len(account.steps), 'step')} below ran on one machine. Every request is accounted for."
    )


def _tiles(account: Account) -> Markup:
    total = account.total
    counts = (
        ("lost", total.lost),
        ("cut streams", total.cut),
        ("duplicated", total.duplicated),
        ("refused", total.refused),
    )
    times = (("median ms", milliseconds(total.p50_ms)), ("95th percentile ms", milliseconds(total.p95_ms)))
    tiles = [_tile("requests", f"{total.requests:,}", "plain")]
    tiles += [_tile(name, f"{number:,}", "bad" if number else "good") for name, number in counts]
    tiles += [_tile(name, text, "plain") for name, text in times]
    return tag("section", *tiles, class_="tiles", aria_label=findings(account))


def _tile(name: str, number: str, kind: str) -> Markup:
    return tag("div", tag("strong", number), tag("span", name), class_=f"tile {kind}")


def _traffic(account: Account) -> Markup:
    wide, narrow = series(account, 240), series(account, 120)
    unit = "a second" if not wide.slices or wide.slices[0].seconds <= 1 else f"in {wide.slices[0].seconds:g} s"
    note = f"Requests {unit}, by the colour that answered; below, the model that it called, and the steps."
    others = [("openai", "model: not our own")] if set(account.total.by_tier) - {"vllm"} else []
    return tag(
        "section",
        tag("h2", "Who answered"),
        _legend(("blue", "blue"), ("green", "green"), ("failed", "lost or cut"), *others),
        tag("p", note, class_="note"),
        _both(traffic_chart(wide, _WIDE), traffic_chart(narrow, _NARROW)),
        class_="card",
    )


def _latency(account: Account) -> Markup:
    wide, narrow = series(account, 80, 2), series(account, 40, 3)
    return tag(
        "section",
        tag("h2", "How long an answer took"),
        _legend(("p50", "median"), ("p95", "95th percentile")),
        tag("p", "Milliseconds from the start of a request to the last byte of its answer.", class_="note"),
        _both(latency_chart(wide, _WIDE), latency_chart(narrow, _NARROW)),
        class_="card",
    )


def _both(wide: Markup, narrow: Markup) -> Markup:
    """A chart for the laptop and one for the phone: a scaled one could not be read."""
    return join(tag("div", wide, class_="wide"), tag("div", narrow, class_="narrow"))


def _legend(*entries: tuple[str, str]) -> Markup:
    return tag("p", *(tag("span", tag("i", class_=f"key {kind}"), text) for kind, text in entries), class_="legend")
