"""The page's last part: what the run says nothing of, what it found beside the traffic, and where it ran."""

from collections.abc import Sequence

from rehearsal.report.facts import Fallback, Machine, Permissions, ReportFacts
from rehearsal.report.markup import Markup, join, tag
from rehearsal.report.words import count, stood_in

_DEFINITIONS = (
    ("Lost", "no complete and correct answer came: a 5xx, a reset, a time-out, a wrong text."),
    ("Cut", "a stream that began and ended without its last chunk, or with an error, or with a wrong text."),
    (
        "Cut by the story",
        "an answer that had begun when the story killed its vLLM. Nobody can save it: what the client has read came "
        "from a model that is no more. Its last event says so; it has no [DONE]. Any other cut counts against the run.",
    ),
    ("Duplicated", "one request for which more than one answer was generated to its end, and paid for."),
    ("Refused", "the gateway said no on purpose (4xx). In a rehearsal nobody should be refused."),
)


def not_proven(facts: ReportFacts) -> Markup:
    intro = tag("p", "A rehearsal is not the cloud. Nothing above says anything about:", class_="note")
    return tag("section", tag("h2", "What this run did not prove"), intro, _list(facts.not_proven), class_="card")


def outage(found: Fallback | None, cut: int) -> Markup:
    """What the story's own outage did and cost; nothing where there was none."""
    if found is None:
        return Markup()
    told = f"{count(cut, 'stream')} had begun and could not be saved; the last event of each said so."
    return tag("section", tag("h2", "While vLLM was killed"), tag("p", f"{stood_in(found)}. {told}"), class_="card")


def permissions(facts: ReportFacts) -> Markup:
    note = "Every AWS call of the tasks was checked against the policies of the role they act as."
    shown = (part for found in facts.permissions for part in _role(found))
    return tag("section", tag("h2", "Permissions"), tag("p", note, class_="note"), *shown, class_="card")


def _role(found: Permissions) -> tuple[Markup, ...]:
    return (
        tag("h3", f"The {found.role}: called without being allowed"),
        _list(found.denied, "bad code"),
        tag("h3", f"The {found.role}: allowed and never called in this story"),
        _list(found.unused, "code"),
    )


def resources(facts: ReportFacts) -> Markup:
    resources = facts.resources
    return tag(
        "section",
        tag("h2", "AWS resources"),
        tag(
            "p",
            f"{count(resources.realised, 'resource')} of the program became real in the rehearsal's AWS.",
            class_="note",
        ),
        tag("h3", "Accepted, not made real"),
        _list(resources.accepted_only, "code"),
        class_="card",
    )


def machine(where: Machine) -> Markup:
    measured = (
        ("Cores", f"{where.cores}"),
        ("Memory", f"{where.memory_mb:,} MB"),
        ("Peak memory", None if where.peak_memory_mb is None else f"{where.peak_memory_mb:,.0f} MB"),
        ("Installation", _seconds(where.install_seconds)),
        ("Rehearsal", _seconds(where.rehearsal_seconds)),
        ("Python", where.python),
        ("Kernel", where.kernel),
    )
    rows = [join(tag("dt", name), tag("dd", text)) for name, text in measured if text is not None]
    return tag("section", tag("h2", "Machine"), tag("dl", *rows), class_="card")


def definitions() -> Markup:
    rows = [join(tag("dt", word), tag("dd", meaning)) for word, meaning in _DEFINITIONS]
    return tag("section", tag("h2", "Words"), tag("dl", *rows), class_="card")


def _seconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:,.1f} s"


def _list(entries: Sequence[str], kind: str | None = None) -> Markup:
    if not entries:
        return tag("p", "None.", class_="none")
    return tag("ul", *(tag("li", entry) for entry in entries), class_=kind)
