"""Reads variables as typed values and collects what is wrong with them, instead of stopping at the first.

It knows nothing about which variables exist (settings.py).
"""

import math
import re
from collections.abc import Mapping


class Reader:
    """One look at an environment. `problems` holds a sentence for each value that was not usable.

    An empty value counts as unset. `also` names a second variable with the same meaning.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str, also: str | None = None) -> str | None:
        value = self._environ.get(name) or None
        other = (self._environ.get(also) or None) if also else None
        if value and other and not _same(value, other):
            self.problems.append(f"{name}: {value!r}, expected the same as {also} ({other!r}): unset one of them")
        return value or other

    def matching(self, name: str, pattern: re.Pattern[str], expected: str, also: str | None = None) -> str | None:
        value = self.text(name, also)
        wrong = value is not None and not pattern.fullmatch(value)
        return value if self.accepted(name, f"{value!r}, expected {expected}" if wrong else None) else None

    def number(self, name: str, also: str | None = None) -> float | None:
        text = self.text(name, also)
        value = None if text is None else _finite(text)
        self.accepted(name, f"{text!r}, expected a number" if text is not None and value is None else None)
        return value

    def whole(self, name: str, also: str | None = None) -> int | None:
        text = self.text(name, also)
        wrong = text is not None and not (text.isascii() and text.isdigit() and int(text) > 0)
        accepted = self.accepted(name, f"{text!r}, expected a whole number above 0" if wrong else None)
        return int(text) if text is not None and accepted else None

    def seconds(self, name: str, default: float) -> float:
        value = self.number(name)
        wrong = value is not None and value <= 0
        accepted = self.accepted(name, f"{value!r}, expected seconds above 0" if wrong else None)
        return value if value is not None and accepted else default

    def accepted(self, name: str, problem: str | None) -> bool:
        if problem:
            self.problems.append(f"{name}: {problem}")
        return problem is None


def _same(one: str, other: str) -> bool:
    numbers = _finite(one), _finite(other)
    return one == other or (None not in numbers and numbers[0] == numbers[1])


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
