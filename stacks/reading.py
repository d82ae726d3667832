"""Text to typed settings, driven by the dataclasses: field `stream_limit_seconds` is the setting `streamLimitSeconds`.

Knows types, not meanings. A value of a secret setting never appears in a message.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

T = TypeVar("T")


def key(field_name: str) -> str:
    """The setting's key of a field's name."""
    first, *rest = field_name.split("_")
    return first + "".join(word.title() for word in rest)


def settings_of(kind: type[Any]) -> Iterator[tuple[str, Any, Field[Any]]]:
    """Key, type and field of every setting under a settings class. `environment` is the stack's name, no setting."""
    hints = get_type_hints(kind)
    for field in _fields(kind):
        if is_dataclass(hints[field.name]):
            yield from settings_of(hints[field.name])
        elif field.name != "environment":
            yield key(field.name), hints[field.name], field


def read(kind: type[Any], text: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The values that could be read, by key, and a sentence for each that could not."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    known = list(settings_of(kind))
    for name, hint, field in known:
        try:
            values[name] = _value(hint, text, name, field)
        except ValueError as error:
            shown = "" if field.metadata.get("secret") or name not in text else f" {text[name]!r}"
            problems.append(f"{name}{shown}: {error}")
    names = [name for name, _, _ in known]
    problems += [_unknown(name, names) for name in text if name not in names]
    return values, problems


def build(kind: type[T], values: Mapping[str, Any]) -> T:
    """The settings object, once every value is known to be good."""
    hints = get_type_hints(kind)
    return kind(**{field.name: _part(hints[field.name], field.name, values) for field in _fields(kind)})


def _part(hint: Any, name: str, values: Mapping[str, Any]) -> Any:
    return build(hint, values) if isinstance(hint, type) and is_dataclass(hint) else values[key(name)]


def _fields(kind: Any) -> tuple[Field[Any], ...]:
    return fields(kind)


def _present(text: Mapping[str, str], name: str, field: Field[Any]) -> str:
    value = text.get(name, "").strip()
    if not value:
        hint = field.metadata.get("find", f"pulumi config set {name} VALUE")
        raise ValueError(f"missing; to find or set it: {hint}")
    return value


def _unknown(name: str, names: list[str]) -> str:
    near = get_close_matches(name, names, n=1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    return f"{name}: no such setting{meant}; Pulumi.yaml lists them all; to remove it: pulumi config rm {name}"


def _value(hint: Any, text: Mapping[str, str], name: str, field: Field[Any]) -> Any:
    """The typed value; None for an optional setting that is empty."""
    present = [kind for kind in get_args(hint) if kind is not NoneType] if NoneType in get_args(hint) else []
    if present and not text.get(name, "").strip():
        return None
    return _typed(present[0] if present else hint, _present(text, name, field))


def _typed(hint: Any, text: str) -> Any:
    if hint == tuple[str, ...]:
        return _strings(text)
    if hint is bool:
        return _boolean(text)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if text not in set(hint):
            raise ValueError(f"expected one of {', '.join(hint)}")
        return hint(text)
    if hint is int:
        return _integer(text)
    return _number(text) if hint is float else text


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("expected true or false")
    return text == "true"


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("expected a whole number") from None


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("expected a number")
    return number


def _strings(text: str) -> tuple[str, ...]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise ValueError("expected a list of strings")
    return tuple(found)
