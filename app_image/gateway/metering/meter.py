"""Tokens and cost of each key, tier and model in each month (UTC), over all tasks.

Counted in memory when a request is over, added to the table `usage` every few seconds. What a month has cost so far
is what the table said last plus what this task has not added yet: other tasks' last SETTLE_SECONDS are missing where
they share a key with this one, REFRESH_SECONDS otherwise, and a task that just started knows nothing until its first
reading. Nothing is lost while the table fails.

Costs are whole nano-USD (1e-9 $): sums of them are exact, and DynamoDB adds whole numbers.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from gateway.outcome import TierName
from gateway.settings import Price
from gateway.tables.counters import Address, Counters
from gateway.tables.table import Table

logger = logging.getLogger("gateway")

SETTLE_SECONDS = 5.0
REFRESH_SECONDS = 30.0
OTHER_MODEL = "other"
_NANO_A_MICRO = 1000
_DAY_SECONDS = 86_400
_KEPT_SECONDS = 400 * _DAY_SECONDS
_MOST_COUNTERS = 10_000
_COST = "nano_usd"


class Meter:
    """`prices` of tiers that cost something; a tier that is not there costs nothing."""

    def __init__(self, table: Table, prices: Mapping[TierName, Price], now: Callable[[], float] = time.time) -> None:
        self._table = table
        self._now = now
        self._prices = {
            tier: (_nano(p.input_usd_per_million), _nano(p.output_usd_per_million)) for tier, p in prices.items()
        }
        self._known: dict[Address, int] = {}
        self._counters = Counters(table, self._learn_sums)
        self._day = -1
        self._month = ""

    def record(self, key: str, tier: TierName, model: str, prompt_tokens: int, completion_tokens: int) -> int:
        """One request of a key that a tier answered; returns its cost in nano-USD. Waits for nothing."""
        month = self._current_month()
        cost = self._cost(tier, prompt_tokens, completion_tokens)
        amounts = {
            "requests": 1,
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            _COST: cost,
        }
        self._count(self._detail(month, key, tier, model), amounts)
        if cost:
            self._count((month, f"total#key#{key}"), {_COST: cost})
            self._count((month, f"total#tier#{tier}"), {_COST: cost})
        return cost

    def month_nano_usd(self, key: str) -> int:
        """What a key has cost in this month, as far as this task knows."""
        return self._total(f"key#{key}")

    def tier_month_nano_usd(self, tier: TierName) -> int:
        return self._total(f"tier#{tier}")

    async def settle(self) -> None:
        """Add what was counted to the table. Raises TableFailed; what it did not take stays counted."""
        await self._counters.settle()

    async def refresh(self) -> None:
        """Learn what all tasks have added. Raises TableFailed."""
        month = self._current_month()
        items = await self._table.query(month)
        self._known = {address: sum_ for address, sum_ in self._known.items() if address[0] == month}
        for item in items:
            self._learn((month, str(item["sk"])), item.get(_COST))

    def tell_loss(self) -> None:
        """For the end of the process: whatever could not be added goes to the log, from where it can be added."""
        for month, what in self._counters:
            if not what.startswith("total#"):
                logger.error("not added to %s %s: %s", month, what, dict(self._counters.open((month, what))))

    def _cost(self, tier: TierName, prompt_tokens: int, completion_tokens: int) -> int:
        price = self._prices.get(tier)
        return round(prompt_tokens * price[0] + completion_tokens * price[1]) if price else 0

    def _detail(self, month: str, key: str, tier: TierName, model: str) -> Address:
        address = month, f"key#{key}#{tier}#{model}"
        if len(self._counters) < _MOST_COUNTERS or address in self._counters:
            return address
        return month, f"key#{key}#{tier}#{OTHER_MODEL}"

    def _count(self, address: Address, amounts: Mapping[str, int]) -> None:
        self._counters.count(address, amounts, int(self._now()) + _KEPT_SECONDS)

    def _total(self, what: str) -> int:
        address = self._current_month(), f"total#{what}"
        return self._known.get(address, 0) + self._counters.open(address).get(_COST, 0)

    def _learn_sums(self, address: Address, sums: Mapping[str, int]) -> None:
        self._learn(address, sums.get(_COST))

    def _learn(self, address: Address, value: object) -> None:
        """Costs only rise, so a lower sum is an older one."""
        if address[1].startswith("total#") and isinstance(value, int):
            self._known[address] = max(value, self._known.get(address, 0))

    def _current_month(self) -> str:
        now = self._now()
        day = int(now // _DAY_SECONDS)
        if day != self._day:
            self._day, self._month = day, f"month#{datetime.fromtimestamp(now, UTC):%Y-%m}"
        return self._month


def _nano(usd_per_million: float) -> float:
    """Dollars a million are micro-dollars each."""
    return usd_per_million * _NANO_A_MICRO
