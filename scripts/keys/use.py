"""What each key used this month, from the counters that gateway tasks write to the table `usage`. Pure.

Partition `month#YYYY-MM`; sort keys `key#<name>#<tier>#<model>` (a model's name may have any character), and totals,
which say nothing more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scripts.shared_items import Record

_NANO = 1_000_000_000
_KEY = "key"


@dataclass(frozen=True)
class Use:
    """Sums over tiers and models."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    nano_usd: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def usd(self) -> float:
        return self.nano_usd / _NANO

    def plus(self, record: Record) -> "Use":
        return Use(
            self.requests + int(record.get("requests", 0)),
            self.prompt_tokens + int(record.get("prompt_tokens", 0)),
            self.completion_tokens + int(record.get("completion_tokens", 0)),
            self.nano_usd + int(record.get("nano_usd", 0)),
        )


def month(now: datetime) -> str:
    """Of UTC, as the gateway counts."""
    return f"{now:%Y-%m}"


def partition(now: datetime) -> str:
    return f"month#{month(now)}"


def by_key(records: Iterable[Record]) -> dict[str, Use]:
    found: dict[str, Use] = {}
    for record in records:
        kind, _, rest = str(record.get("sk", "")).partition("#")
        if kind == _KEY and rest:
            name = rest.split("#", 1)[0]
            found[name] = found.get(name, Use()).plus(record)
    return found
