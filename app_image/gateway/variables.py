"""Casts environment variables to typed values and collects what is wrong with them.

Each method returns a usable stand-in after it noted a problem, so that one pass finds all of them; the caller must
look at `problems` before it uses anything. Which variables exist is decided in gateway.settings.
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

    def text(
        self,
        name: str,
        *,
        default: str | None = None,
        matching: re.Pattern[str] = _ANY,
        expected: str = "text on one line",
    ) -> str:
        value = self._value(name, default, expected)
        if value is not None and not matching.fullmatch(value):
            self._wrong(name, value, expected)
        return value or ""

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
        try:
            number = float(value or "")
        except ValueError:
            number = math.nan
        if not 0 < number < math.inf:
            self._wrong(name, str(value), expected)
            return default
        return number

    def whole(self, name: str, *, default: int) -> int:
        expected = "a whole number above 0"
        value = self._value(name, str(default), expected) or ""
        if not (value.isascii() and value.isdigit() and int(value) > 0):
            self._wrong(name, value, expected)
            return default
        return int(value)

    def url(self, name: str, *, default: str | None = None) -> str:
        expected = "an http:// or https:// URL"
        value = self._value(name, default, expected)
        if value is not None and not _is_url(value):
            self._wrong(name, value, expected)
        return (value or "").rstrip("/")

    def secret(self, name: str) -> str | None:
        """A key that may be left out."""
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
