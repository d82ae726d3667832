"""Which tiers a request may come to, in which order. Pure, but for the operators' switches, which it looks at.

vLLM, OpenAI, cache; a name that means a model of OpenAI goes to OpenAI first. A tier that is forced is asked before
those that usually come first, which are then not asked at all; a tier that is off is not asked. A key whose prompts
may not leave is never taken to OpenAI, whatever is forced.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from gateway.keys.key import Key
from gateway.outcome import TierName
from gateway.settings import Settings
from gateway.switches import Mode

_USUAL = (TierName.VLLM, TierName.OPENAI, TierName.CACHE)
_OPENAI_FIRST = (TierName.OPENAI, TierName.VLLM, TierName.CACHE)


@dataclass(frozen=True, slots=True)
class Route:
    """`skipped`: the tier that would have been asked first, had nobody switched it off or forced another one."""

    tiers: tuple[TierName, ...]
    forced: TierName | None = None
    skipped: TierName | None = None


class Routing:
    """Of one task. `present`: the tiers that it has."""

    def __init__(self, settings: Settings, present: frozenset[TierName], mode: Callable[[TierName], Mode]) -> None:
        self._openai_names = frozenset(settings.openai.aliases) if settings.openai else frozenset[str]()
        self._present = present
        self._mode = mode
        self.models = (settings.model, *sorted(settings.model_aliases), *sorted(self._openai_names))
        self._served = frozenset(self.models)

    def serves(self, model: str, key: Key) -> bool:
        """Whether that key may ask for it."""
        return model in self._served and (key.models is None or model in key.models)

    def route(self, model: str, key: Key) -> Route:
        usual = _OPENAI_FIRST if model in self._openai_names else _USUAL
        may = _allowed(usual, self._present, external=key.external_fallback)
        return _route(may, tuple(map(self._mode, may)))


def switched(usual: tuple[TierName, ...], modes: Mapping[TierName, Mode]) -> Route:
    """What is left of the usual order."""
    forced = next((tier for tier in usual if modes[tier] is Mode.FORCE), None)
    candidates = usual[usual.index(forced) :] if forced else usual
    tiers = tuple(tier for tier in candidates if modes[tier] is not Mode.OFF)
    skipped = usual[0] if usual and tiers[:1] != usual[:1] else None
    return Route(tiers, forced, skipped)


# There are few different ones, and each request needs one.
@lru_cache(maxsize=256)
def _route(usual: tuple[TierName, ...], modes: tuple[Mode, ...]) -> Route:
    return switched(usual, dict(zip(usual, modes, strict=True)))


@lru_cache(maxsize=256)
def _allowed(usual: tuple[TierName, ...], present: frozenset[TierName], *, external: bool) -> tuple[TierName, ...]:
    return tuple(tier for tier in usual if tier in present and (external or not _leaves(tier)))


def _leaves(tier: TierName) -> bool:
    return tier is TierName.OPENAI
