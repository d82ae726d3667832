"""What this task says about itself in the table `usage`, and how many others it finds there.

Operators read it (`fab breaker.status`); the limits divide by it. An item: pk `task`, sk the release and eight hex
digits; `at` in ISO, `release`, `colour`, `model_colour`, `serving` (1 or 0), `breakers` and `modes` as JSON objects by
tier. It expires a minute after it was written and is deleted when the task ends.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from gateway.outcome import TierName
from gateway.settings import Settings
from gateway.switches import Switches
from gateway.tables.table import Item, Table

REPORT_SECONDS = 5.0
PARTITION = "task"
_SERVING_SECONDS = 30.0
_FRESH_SECONDS = 15.0
_KEPT_SECONDS = 60


class ReportedBreaker(Protocol):
    """What is told of a breaker."""

    @property
    def state(self) -> str: ...

    def seconds_left(self) -> float: ...


class Reporter:
    """Another task counts while its report changes, by this task's own clock: clocks that differ change nothing."""

    def __init__(
        self,
        table: Table,
        settings: Settings,
        switches: Switches,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.task_id = f"{settings.release}-{secrets.token_hex(4)}"
        self.breakers: Mapping[TierName, ReportedBreaker] = {}
        self._table = table
        self._switches = switches
        self._now = now
        self._monotonic = monotonic
        self._facts: Item = {
            "pk": PARTITION,
            "sk": self.task_id,
            "release": settings.release,
            "colour": str(settings.colour),
            "model_colour": str(settings.model_colour),
        }
        self._answered_at = float("-inf")
        self._seen: dict[str, tuple[object, float]] = {}
        self._others = 0

    @property
    def serving_tasks(self) -> int:
        """How many tasks answer clients, this one included whatever it does."""
        return 1 + self._others

    @property
    def is_serving(self) -> bool:
        return self._monotonic() - self._answered_at < _SERVING_SECONDS

    def answered(self) -> None:
        """A client was answered; the smoke test is none."""
        self._answered_at = self._monotonic()

    async def report(self) -> None:
        """Raises TableFailed."""
        await self._table.put([self._item()])
        self._look(await self._table.query(PARTITION))

    async def withdraw(self) -> None:
        """This task is no more. Raises TableFailed."""
        await self._table.delete(PARTITION, self.task_id)

    def _item(self) -> Item:
        now = self._now()
        breakers = {
            tier: {
                "state": str(breaker.state),
                "seconds_left": round(breaker.seconds_left(), 1),
                "reset_number": self._switches.reset_number(tier),
            }
            for tier, breaker in self.breakers.items()
        }
        return {
            **self._facts,
            "at": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
            "serving": int(self.is_serving),
            "breakers": msgspec.json.encode(breakers).decode(),
            "modes": msgspec.json.encode(self._switches.modes).decode(),
            "expires_at": int(now) + _KEPT_SECONDS,
        }

    def _look(self, items: list[Item]) -> None:
        now = self._monotonic()
        reports = {str(item["sk"]): item for item in items if item["sk"] != self.task_id}
        self._seen = {task: self._sighting(task, item, now) for task, item in reports.items()}
        self._others = sum(
            item.get("serving") == 1 and now - self._seen[task][1] < _FRESH_SECONDS for task, item in reports.items()
        )

    def _sighting(self, task: str, item: Item, now: float) -> tuple[object, float]:
        """The report's time, and when it was first seen here. What has expired was never seen."""
        at, expires_at = item.get("at"), item.get("expires_at")
        last = self._seen.get(task)
        if last is not None:
            return last if last[0] == at else (at, now)
        is_over = isinstance(expires_at, int | float) and expires_at <= self._now()
        return at, float("-inf") if is_over else now
