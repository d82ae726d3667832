"""Purchases of Reserved Instances in the ledger: at most one is open at a time, the rest is history.

The open one is an intent, written before EC2 is asked: EC2 takes no idempotency token, so after a crash this item is
all that tells a purchase that may have been made from one that was never tried. `last` names the purchase before:
who decided on an older history cannot open another.
"""

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from scripts.aws.terms import Bought, Terms
from scripts.errors import ConditionFailed
from scripts.release.ports import Table

_PARTITION = "purchase"
_OPEN = (_PARTITION, "open")
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_LATELY_HOURS = 1


class Outcome(StrEnum):
    """What became of a purchase."""

    BOUGHT = "bought"
    FOUND = "found"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True)
class Purchase:
    """One decision to buy. `known` are the ids that the account had before it; `began` is UTC."""

    id: str
    offer_id: str
    terms: Terms
    count: int
    total_usd: float
    who: str
    host: str
    began: str
    known: tuple[str, ...]

    @property
    def began_at(self) -> datetime:
        return _time(self.began)

    def __str__(self) -> str:
        return f"{self.count} x {self.terms} (purchase {self.id} by {self.who} on {self.host}, {self.began})"


@dataclass(frozen=True)
class Seen:
    """The open purchase, and the id of the last that was closed, as one consistent read gave them."""

    open: Purchase | None
    last: str | None


@dataclass(frozen=True)
class Closed:
    """A purchase of the past. `reserved_ids` are those that EC2 gave."""

    id: str
    outcome: Outcome
    reserved_ids: tuple[str, ...]
    closed: str

    def is_missing(self, bought: tuple[Bought, ...], now: datetime) -> bool:
        """Bought lately, and not shown by EC2 yet: its reads may lag. Older ids may have been changed by EC2."""
        lately = now - _time(self.closed) < timedelta(hours=_LATELY_HOURS)
        shown = {one.id for one in bought}
        return lately and any(identifier not in shown for identifier in self.reserved_ids)


class Purchases:
    """Reads and writes. `begin` and `hold` raise ConditionFailed where somebody else was faster."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self) -> Seen:
        item = self._table.get(*_OPEN) or {}
        body = item.get("body")
        last = item.get("last")
        return Seen(_purchase(json.loads(str(body))) if body else None, str(last) if last else None)

    def begin(self, purchase: Purchase, last: str | None) -> None:
        values: Mapping[str, str | int | None] = {"id": purchase.id, "body": json.dumps(asdict(purchase))}
        try:
            self._table.update(*_OPEN, values, only_if={"id": None, "last": last})
        except ConditionFailed:
            # The SDK may have repeated a write that had already been made.
            if self.read().open != purchase:
                raise

    def hold(self, purchase: Purchase) -> None:
        """Prove that it is still open."""
        self._table.update(*_OPEN, {"held": purchase.id}, only_if={"id": purchase.id})

    def close(self, purchase: Purchase, outcome: Outcome, at: datetime, reserved_ids: tuple[str, ...] = ()) -> None:
        """Keep what became of it, then open the way for the next. Twice does no harm."""
        self._table.put(
            {
                "pk": _PARTITION,
                "sk": purchase.id,
                "body": json.dumps(asdict(purchase)),
                "outcome": str(outcome),
                "reserved": " ".join(reserved_ids),
                "closed": f"{at:{_TIME}}",
            }
        )
        with suppress(ConditionFailed):
            values = {"id": None, "body": None, "held": None, "last": purchase.id}
            self._table.update(*_OPEN, values, only_if={"id": purchase.id})

    def history(self, limit: int) -> list[Closed]:
        return [
            Closed(
                str(item["sk"]),
                Outcome(str(item["outcome"])),
                tuple(str(item["reserved"]).split()),
                str(item["closed"]),
            )
            for item in self._table.newest(_PARTITION, limit, prefix="p-")
        ]


def purchase_id(at: datetime) -> str:
    """Sorts by time; the tail tells two purchases of one second apart."""
    return f"p-{at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def stamp(at: datetime) -> str:
    return f"{at:{_TIME}}"


def since(purchase: Purchase, bought: tuple[Bought, ...]) -> tuple[Bought, ...]:
    """What the account did not have when the purchase was decided.

    Ids are compared, not counts: EC2 may split a purchase that crosses a discount tier.
    """
    return tuple(found for found in bought if found.id not in purchase.known)


def made(purchase: Purchase, bought: tuple[Bought, ...]) -> tuple[Bought, ...]:
    """Of these, what is on the purchase's own terms: taken for what it bought."""
    return tuple(found for found in since(purchase, bought) if found.terms == purchase.terms)


def _time(text: str) -> datetime:
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)


def _purchase(body: dict[str, Any]) -> Purchase:
    return Purchase(**{**body, "terms": Terms(**body["terms"]), "known": tuple(body["known"])})
