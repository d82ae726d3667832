"""Who may answer, how a tier can be switched, and in which order requests go then. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class Tier(StrEnum):
    """In the order in which a request asks them."""

    VLLM = "vllm"
    OPENAI = "openai"
    CACHE = "cache"


class Upstream(StrEnum):
    """Tiers that are asked over a network, hence have a breaker."""

    VLLM = "vllm"
    OPENAI = "openai"


class Mode(StrEnum):
    """`force` skips the tiers before it and ignores its breaker; `off` is never asked."""

    AUTO = "auto"
    OFF = "off"
    FORCE = "force"


Modes = Mapping[Tier, Mode]
NORMAL: Modes = dict.fromkeys(Tier, Mode.AUTO)
EVERY = tuple(Tier)


def forced(modes: Modes, tier: Tier) -> Modes:
    """At most one tier is forced: another one goes back to its place."""
    others = {other: Mode.AUTO if mode is Mode.FORCE else mode for other, mode in modes.items()}
    return {**others, tier: Mode.FORCE}


def order(modes: Modes, present: tuple[Tier, ...] = EVERY) -> tuple[Tier, ...]:
    """Which tiers a request may come to, in order. `present` are those that the environment has: maybe no OpenAI."""
    first = next((index for index, tier in enumerate(Tier) if modes[tier] is Mode.FORCE), 0)
    return tuple(tier for tier in EVERY[first:] if tier in present and modes[tier] is not Mode.OFF)


def changes(before: Modes, after: Modes) -> Modes:
    return {tier: mode for tier, mode in after.items() if before[tier] is not mode}
