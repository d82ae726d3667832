"""How settings must relate to each other and to AWS's limits. Pure: typed values in, sentences out.

One file for each chapter of the settings. A rule is asked only when all the settings it names could be read, so one bad
value never hides another.
"""

from collections.abc import Mapping
from typing import Any

from stacks.relations import access, entrance, fallback, health, observation, place, release, sizes, times, treatment
from stacks.relations.rule import Rule

_SECRET = frozenset({"previewToken", "previousPreviewToken"})
RULES: tuple[Rule, ...] = (
    *place.RULES,
    *entrance.RULES,
    *times.RULES,
    *health.RULES,
    *sizes.RULES,
    *fallback.RULES,
    *treatment.RULES,
    *observation.RULES,
    *access.RULES,
    *release.RULES,
)


def broken(values: Mapping[str, Any]) -> list[str]:
    """A sentence for each rule that the values break."""
    asked = [rule for rule in RULES if all(key in values for key in rule.keys)]
    return [_sentence(rule, values) for rule in asked if not rule.holds(*(values[key] for key in rule.keys))]


def _sentence(rule: Rule, values: Mapping[str, Any]) -> str:
    return f"{', '.join(_shown(key, values[key]) for key in rule.keys)}: {rule.wanted}"


def _shown(key: str, value: Any) -> str:
    if key in _SECRET:
        return f"{key} (hidden)"
    return f"{key} {' '.join(value) if isinstance(value, tuple) else value}"
