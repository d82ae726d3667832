"""The last releases: what, who, when, why, and what became of them. Reads only."""

from typing import Any

from scripts.release.ledger import Entry, Ledger
from scripts.release.ports import Site


def entries(site: Site, limit: int) -> list[Entry]:
    return Ledger(site.table, site.clock).newest(limit)


def text(found: list[Entry]) -> str:
    return "\n".join(_lines(entry) for entry in found) or "no release yet"


def body(found: list[Entry]) -> list[dict[str, Any]]:
    return [
        {
            "release": entry.release.id,
            "outcome": str(entry.outcome),
            "outcome_at": entry.at,
            "note": entry.note,
            "who": entry.release.who,
            "at": entry.release.at,
            "why": entry.release.why,
            "despite": list(entry.release.despite),
            "because": entry.release.because,
            **vars(entry.release.content),
        }
        for entry in found
    ]


def _lines(entry: Entry) -> str:
    release = entry.release
    despite = f"\n    despite {', '.join(release.despite)}: {release.because}" if release.despite else ""
    note = f" ({entry.note})" if entry.note else ""
    return (
        f"{release.id}  {entry.outcome} since {entry.at}{note}\n"
        f"    {release.content.short}\n"
        f"    by {release.who} at {release.at}: {release.why}{despite}"
    )
