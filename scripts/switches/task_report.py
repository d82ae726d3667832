"""What each gateway task says about itself in the table `usage`, partition `task`. Pure.

A task writes every five seconds. DynamoDB removes what has expired within days, so the reader looks at the age itself.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scripts.shared_items import Record
from scripts.switches.tier import Mode, Tier, Upstream

PARTITION = "task"
# Three reports: one may be late, or its table slow.
FRESH_SECONDS = 15.0
# A task that ended without saying so is shown for this long.
_GONE_SECONDS = 60.0


@dataclass(frozen=True)
class Breaker:
    """`state` is closed, open or half_open; `seconds_left` until one request may try."""

    state: str
    seconds_left: float = 0.0
    reset_number: int = 0

    @property
    def is_closed(self) -> bool:
        return self.state == "closed"


@dataclass(frozen=True)
class TaskReport:
    """`age_seconds` is by this machine's clock."""

    task: str
    release: str
    colour: str
    model_colour: str
    is_serving: bool
    age_seconds: float
    breakers: dict[Upstream, Breaker]
    modes: dict[Tier, Mode]

    @property
    def is_fresh(self) -> bool:
        return self.age_seconds <= FRESH_SECONDS


def all_of(records: Iterable[Record], now: datetime) -> tuple[TaskReport, ...]:
    """Those of tasks that are there or just were, by release and task."""
    found = [report for record in records if (report := _read(record, now))]
    here = [report for report in found if report.age_seconds <= _GONE_SECONDS]
    return tuple(sorted(here, key=lambda report: (report.release, report.task)))


def _read(record: Record, now: datetime) -> TaskReport | None:
    at = _moment(record.get("at"))
    if at is None:
        return None
    breakers, modes = _object(record.get("breakers")), _object(record.get("modes"))
    return TaskReport(
        task=str(record.get("sk", "?")),
        release=str(record.get("release", "?")),
        colour=str(record.get("colour", "?")),
        model_colour=str(record.get("model_colour", "?")),
        is_serving=str(record.get("serving", "")).lower() in ("1", "true"),
        age_seconds=(now - at).total_seconds(),
        breakers={upstream: _breaker(breakers[upstream]) for upstream in Upstream if upstream in breakers},
        modes={tier: Mode(modes[tier]) for tier in Tier if modes.get(tier) in set(Mode)},
    )


def _breaker(said: Any) -> Breaker:
    found = said if isinstance(said, dict) else {}
    left, number = found.get("seconds_left") or 0, found.get("reset_number") or 0
    return Breaker(str(found.get("state", "?")), float(left), int(number))


def _object(text: Any) -> dict[str, Any]:
    try:
        found = json.loads(str(text))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _moment(value: Any) -> datetime | None:
    """Seconds since 1970, or ISO 8601."""
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
