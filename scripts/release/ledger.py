"""What happened, for good: releases and steps. Items are only added or completed, never taken back.

The lock and the present state are in the control item (control.py).
"""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from scripts.aws.table import Item
from scripts.release.model import Content, Release
from scripts.release.ports import Clock, Table

_RELEASE = "release"
_STEP = "step"


class Outcome(StrEnum):
    """What became of a release."""

    STARTED = "started"
    CANDIDATE = "candidate"
    LIVE = "live"
    REPLACED = "replaced"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"
    ABORTED = "aborted"
    SETTLED = "settled"


@dataclass(frozen=True)
class Entry:
    """A release with what became of it. `seconds` is how long deploy-green took, 0 where it did not end well."""

    release: Release
    outcome: Outcome
    at: str
    seconds: int
    note: str


class Ledger:
    """Writes and reads the append-only part of the table."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def add(self, release: Release) -> None:
        body = json.dumps(asdict(release), sort_keys=True)
        now = stamp(self._clock)
        self._table.put(
            {"pk": _RELEASE, "sk": release.id, "body": body, "outcome": str(Outcome.STARTED), "outcome_at": now}
        )

    def mark(self, release: str, outcome: Outcome, note: str = "", seconds: float | None = None) -> None:
        values: dict[str, str | int | None] = {
            "outcome": str(outcome),
            "outcome_at": stamp(self._clock),
            "note": note or None,
        }
        if seconds is not None:
            values["seconds"] = round(seconds)
        self._table.update(_RELEASE, release, values)

    def begin_step(self, operation: str, number: int, name: str, detail: str) -> None:
        self._table.put(
            {
                "pk": _STEP,
                "sk": _step_key(operation, number),
                "name": name,
                "detail": detail,
                "began": stamp(self._clock),
                "result": "began",
            }
        )

    def end_step(self, operation: str, number: int, result: str) -> None:
        self._table.update(_STEP, _step_key(operation, number), {"result": result, "ended": stamp(self._clock)})

    def entry(self, release: str) -> Entry | None:
        item = self._table.get(_RELEASE, release)
        return _entry(item) if item and "body" in item else None

    def newest(self, limit: int) -> list[Entry]:
        return [_entry(item) for item in self._table.newest(_RELEASE, limit) if "body" in item]


def stamp(clock: Clock) -> str:
    return f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"


def _step_key(operation: str, number: int) -> str:
    return f"{operation}#{number:03d}"


def _entry(item: Item) -> Entry:
    body = json.loads(str(item["body"]))
    release = Release(**{**body, "content": Content(**body["content"]), "despite": tuple(body["despite"])})
    return Entry(
        release=release,
        outcome=Outcome(str(item["outcome"])),
        at=str(item["outcome_at"]),
        seconds=int(item.get("seconds", 0)),
        note=str(item.get("note", "")),
    )
