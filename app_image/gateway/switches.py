"""What operators switch while tasks run: each tier's mode, and orders to forget what a breaker has counted.

They are items of the table `usage` (`fab fallback.…`, `fab breaker.reset` write them), read every two seconds. While
they cannot be read, and for what cannot be understood, the last known mode stays.
"""

import logging
from collections.abc import Callable
from enum import StrEnum

from gateway.outcome import TierName
from gateway.tables.table import Item, Table

logger = logging.getLogger("gateway")

POLL_SECONDS = 2.0
PARTITION = "switch"


class Mode(StrEnum):
    """AUTO: as the order of tiers says. OFF: never. FORCE: before the tiers that usually come first."""

    AUTO = "auto"
    OFF = "off"
    FORCE = "force"


class Switches:
    """`on_reset` is called for a breaker whose number is higher than the one seen last. The first reading after a start
    only learns the numbers: an order of yesterday is no order to a new task."""

    def __init__(self, table: Table, on_reset: Callable[[TierName], None] = lambda _: None) -> None:
        self.on_reset = on_reset
        self._table = table
        self._modes = dict.fromkeys(TierName, Mode.AUTO)
        self._numbers: dict[TierName, int] | None = None

    def mode(self, tier: TierName) -> Mode:
        return self._modes[tier]

    @property
    def modes(self) -> dict[TierName, Mode]:
        return dict(self._modes)

    def reset_number(self, tier: TierName) -> int:
        """The last order for this tier's breaker that was followed or learnt."""
        return (self._numbers or {}).get(tier, 0)

    async def poll(self) -> None:
        """Raises TableFailed; then nothing was changed."""
        items = {str(item["sk"]): item for item in await self._table.query(PARTITION)}
        self._set_modes(items)
        self._follow(items)

    def _set_modes(self, items: dict[str, Item]) -> None:
        for tier in TierName:
            mode = _mode(items.get(f"tier#{tier}"), self._modes[tier])
            if mode is not self._modes[tier]:
                logger.warning("tier %s is switched from %s to %s", tier, self._modes[tier], mode)
            self._modes[tier] = mode

    def _follow(self, items: dict[str, Item]) -> None:
        known = self._numbers
        found = {tier: _number(items.get(f"breaker#{tier}")) for tier in TierName}
        self._numbers = found if known is None else {tier: max(known[tier], found[tier]) for tier in TierName}
        for tier in TierName:
            if known is not None and found[tier] > known[tier]:
                logger.warning("the breaker of %s is reset, order %d", tier, found[tier])
                self.on_reset(tier)


def _mode(item: Item | None, last: Mode) -> Mode:
    if item is None:
        return Mode.AUTO
    said = item.get("mode")
    return Mode(str(said)) if said in set(Mode) else last


def _number(item: Item | None) -> int:
    number = (item or {}).get("number")
    return number if isinstance(number, int) else 0
