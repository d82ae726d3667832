"""Switches as the table `usage` holds them. Pure.

Partition `switch`: `tier#<tier>` with a mode and who set it when and why; `breaker#<upstream>` with a number that only
rises. A task that sees a higher number than it saw before forgets what its breaker counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scripts.shared_items import Record, Write
from scripts.switches.tier import NORMAL, Mode, Modes, Tier, Upstream

PARTITION = "switch"
_TIER, _BREAKER = "tier#", "breaker#"


@dataclass(frozen=True)
class Setting:
    """What one tier is set to."""

    mode: Mode
    by: str = ""
    at: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Switches:
    """All of them. What was never set is `auto`, and a breaker that was never reset has number 0."""

    settings: dict[Tier, Setting]
    numbers: dict[Upstream, int]

    @property
    def modes(self) -> Modes:
        return {**NORMAL, **{tier: setting.mode for tier, setting in self.settings.items()}}


def read(records: Iterable[Record]) -> Switches:
    """What this release does not know is passed over."""
    found = {str(record.get("sk", "")): record for record in records}
    settings = {tier: setting for tier in Tier if (setting := _setting(found.get(f"{_TIER}{tier}")))}
    numbers = {upstream: _number(found.get(f"{_BREAKER}{upstream}")) for upstream in Upstream}
    return Switches(settings, numbers)


def mode_write(tier: Tier, setting: Setting) -> Write:
    values = {
        "mode": str(setting.mode),
        "by": setting.by,
        "at": setting.at,
        "reason": setting.reason or None,
    }
    return Write(PARTITION, f"{_TIER}{tier}", values)


def reset_write(upstream: Upstream, number: int) -> Write:
    return Write(PARTITION, f"{_BREAKER}{upstream}", {"number": number}, rises="number")


def _setting(record: Record | None) -> Setting | None:
    if record is None or record.get("mode") not in set(Mode):
        return None
    texts = {name: str(record.get(name, "")) for name in ("by", "at", "reason")}
    return Setting(Mode(record["mode"]), **texts)


def _number(record: Record | None) -> int:
    return int(record["number"]) if record and "number" in record else 0
