"""Casts environment variables to typed values and collects what is wrong with them.

Each method returns a usable stand-in after it noted a problem, so that one pass finds all of them; the caller must
look at `problems` before it uses anything. Which variables exist is decided in gateway.environment.
"""

import math
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

E = TypeVar("E", bound=StrEnum)

_ANY = re.compile(r"[^\x00-\x1f\x7f]+")
_KEY = re.compile(r"[\x21-\x7e]+")


class Variables:
    """The variables of a process, read with their types."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def is_set(self, name: str) -> bool:
        """Whether it says anything; an empty value says nothing."""
        return bool(self._variables.get(name))

    def text(
        self,
        name: str,
        *,
        default: str | None = None,
        or_else: str | None = None,
        matching: re.Pattern[str] = _ANY,
        expected: str = "text on one line",
    ) -> str:
        """`or_else`: another variable that counts when this one is not set."""
        name = self._said(name, or_else)
        value = self._value(name, default, expected)
        if value is not None and not matching.fullmatch(value):
            self._wrong(name, value, expected)
        return value or ""

    def optional_text(self, name: str) -> str | None:
        return self.text(name) if self.is_set(name) else None

    def choice(self, name: str, options: type[E], *, default: E | None = None) -> E:
        expected = " or ".join(options)
        value = self._value(name, default, expected)
        first: E = next(iter(options))
        if value is None:
            return first
        if value not in set(options):
            self._wrong(name, value, expected)
            return first
        return options(value)

    def number(self, name: str, *, default: float) -> float:
        expected = "a number of seconds above 0"
        value = self._value(name, str(default), expected)
        number = _number(value)
        if not 0 < number < math.inf:
            self._wrong(name, str(value), expected)
            return default
        return number

    def amount(self, name: str, *, default: float) -> float:
        """A number that may be 0."""
        expected = "a number, 0 or more"
        value = self._value(name, str(default), expected)
        number = _number(value)
        if not 0 <= number < math.inf:
            self._wrong(name, str(value), expected)
            return default
        return number

    def optional_amount(self, name: str) -> float | None:
        return self.amount(name, default=0.0) if self.is_set(name) else None

    def whole(self, name: str, *, default: int) -> int:
        expected = "a whole number above 0"
        value = self._value(name, str(default), expected) or ""
        if not (value.isascii() and value.isdigit() and int(value) > 0):
            self._wrong(name, value, expected)
            return default
        return int(value)

    def optional_whole(self, name: str) -> int | None:
        return self.whole(name, default=1) if self.is_set(name) else None

    def url(self, name: str, *, default: str | None = None, or_else: str | None = None) -> str:
        expected = "an http:// or https:// URL"
        name = self._said(name, or_else)
        value = self._value(name, default, expected)
        if value is not None and not _is_url(value):
            self._wrong(name, value, expected)
        return (value or "").rstrip("/")

    def names(self, name: str) -> frozenset[str]:
        """Names between commas, possibly none."""
        return frozenset(found for part in self._variables.get(name, "").split(",") if (found := part.strip()))

    def names_to_names(self, name: str) -> dict[str, str]:
        """`{"name": "what it means"}`, possibly none."""
        value = self._variables.get(name) or "{}"
        try:
            names = msgspec.json.decode(value, type=dict[str, str])
        except msgspec.MsgspecError:
            names = {"": ""}
        if not all(left and right for left, right in names.items()):
            self._wrong(name, value, 'a JSON object of names, {"alias": "model"}')
            return {}
        return names

    def secret(self, name: str, *, or_else: str | None = None) -> str | None:
        """A key that may be left out."""
        name = self._said(name, or_else)
        value = self._variables.get(name) or None
        if value is not None and not _KEY.fullmatch(value):
            self._wrong(name, None, "printable ASCII without spaces")
        return value

    def secrets_by_name(self, name: str) -> dict[str, str]:
        expected = 'a JSON object of names and keys, {"name": "key"}, each key printable ASCII without spaces'
        value = self._value(name, None, expected)
        if value is None:
            return {}
        try:
            keys = msgspec.json.decode(value, type=dict[str, str])
        except msgspec.MsgspecError:
            keys = {"": ""}
        if not all(label and _KEY.fullmatch(key) for label, key in keys.items()):
            self._wrong(name, None, expected)
        return keys

    def _said(self, name: str, or_else: str | None) -> str:
        return or_else if or_else and not self.is_set(name) and self.is_set(or_else) else name

    def _value(self, name: str, default: str | None, expected: str) -> str | None:
        value = self._variables.get(name) or default
        if value is None:
            self.problems.append(f"{name} is not set: expected {expected}")
        return value

    def _wrong(self, name: str, value: str | None, expected: str) -> None:
        shown = "(not shown, it is a secret)" if value is None else repr(value)
        self.problems.append(f"{name} is {shown}: expected {expected}")


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _number(value: str | None) -> float:
    try:
        return float(value or "")
    except ValueError:
        return math.nan
