"""The ledger's one control item: fence, lease, intent and book together.

Together, because DynamoDB makes a write conditional only on the item that it writes: whoever holds an older fence
can change neither. The fence only ever rises.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from scripts.aws.table import Item
from scripts.release import book as books
from scripts.release.book import Book
from scripts.release.ports import Table

KEY = ("control", "current")


@dataclass(frozen=True)
class Lease:
    """Who holds the lock, and what for."""

    holder: str
    host: str
    command: str
    reason: str
    since: str

    def __str__(self) -> str:
        return f"{self.command} by {self.holder} on {self.host} since {self.since}"


@dataclass(frozen=True)
class State:
    """The control item as one consistent read gave it. `raised_by` says who took the lock away last."""

    fence: int
    beat: int
    lease: Lease | None
    book: Book
    raised_by: str


class Control:
    """Reads and conditional writes of the control item. All writes but `raise_fence` raise ConditionFailed."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self) -> State:
        return _state(self._table.get(*KEY) or {})

    def take(self, lease: Lease, seen: State) -> int:
        """Take the lock as it was seen: free, or held with a heartbeat that has not moved. Answers the fence."""
        held: Mapping[str, str | int | None] = (
            {"lease": None} if seen.lease is None else {"fence": seen.fence, "beat": seen.beat}
        )
        values: Mapping[str, str | int | None] = {
            "lease": json.dumps(asdict(lease)),
            "beat": 0,
            "intent": None,
            "raised_by": None,
        }
        return int(self._table.update(*KEY, values, add={"fence": 1}, only_if=held)["fence"])

    def beat(self, fence: int) -> None:
        self._table.update(*KEY, {}, add={"beat": 1}, only_if={"fence": fence})

    def intend(self, fence: int, intent: str) -> None:
        self._table.update(*KEY, {"intent": intent}, only_if={"fence": fence})

    def keep(self, fence: int, book: Book) -> None:
        self._table.update(*KEY, {"book": books.to_json(book)}, only_if={"fence": fence})

    def let_go(self, fence: int) -> None:
        self._table.update(*KEY, {"lease": None, "intent": None}, only_if={"fence": fence})

    def raise_fence(self, raised_by: str, hasty: bool) -> int:
        """Take the lock away from whoever has it; their next write fails. Answers the new fence."""
        values = {"lease": None, "intent": None, "raised_by": raised_by}
        return int(self._table.update(*KEY, values, add={"fence": 1}, hasty=hasty)["fence"])


def _state(item: Item) -> State:
    lease, text = item.get("lease"), item.get("book")
    return State(
        fence=int(item.get("fence", 0)),
        beat=int(item.get("beat", 0)),
        lease=Lease(**json.loads(str(lease))) if lease else None,
        book=books.from_json(str(text)) if text else Book(),
        raised_by=str(item.get("raised_by", "")),
    )
