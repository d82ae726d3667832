"""How a fake upstream misbehaves: `key=value,key=value` into a frozen dataclass.

Closed sets: an unknown key is an error, because a fault that is silently ignored proves nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar, get_type_hints

from rehearsal.errors import UnknownFault


@dataclass(frozen=True)
class VllmBehaviour:
    """FAKE_VLLM. The defaults are a good vLLM whose model is loaded at once."""

    start_seconds: float = 0.0
    crash: bool = False
    never_ready: bool = False
    first_token_seconds: float = 0.05
    token_seconds: float = 0.04
    max_queue: int | None = None
    die_after_seconds: float | None = None
    wrong_model: str | None = None


@dataclass(frozen=True)
class OpenAIBehaviour:
    """FAKE_OPENAI. `key`: the only bearer key that is accepted; without it any will do."""

    status: int | None = None
    retry_after_seconds: int | None = None
    first_token_seconds: float = 0.08
    token_seconds: float = 0.02
    hang: bool = False
    cut_after_tokens: int | None = None
    key: str | None = None


_T = TypeVar("_T", VllmBehaviour, OpenAIBehaviour)


def parse(kind: type[_T], text: str) -> _T:
    """Read `key=value,key=value`; an empty text is the default behaviour.

    Raises UnknownFault.
    """
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    return from_values(kind, {key.strip(): value.strip() for key, _, value in pairs})


def from_values(kind: type[_T], values: Mapping[str, object]) -> _T:
    """Read a mapping whose values are strings, or JSON numbers and booleans."""
    hints = get_type_hints(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        known = ", ".join(field.name for field in fields(kind))
        raise UnknownFault(f"behaviour {', '.join(unknown)}: unknown, expected one of {known}")
    return kind(**{key: _value(key, hints[key], value) for key, value in values.items()})


def _value(key: str, hint: Any, value: object) -> Any:
    cast, expected = _CASTS[hint]
    try:
        return cast(str(value))
    except (ValueError, KeyError) as error:
        raise UnknownFault(f"behaviour {key}: {value!r}, expected {expected}") from error


_YES_OR_NO = {"1": True, "0": False, "True": True, "False": False}
_CASTS: Mapping[Any, tuple[Callable[[str], Any], str]] = {
    bool: (_YES_OR_NO.__getitem__, "1 or 0"),
    float: (float, "a number of seconds"),
    float | None: (float, "a number of seconds"),
    int | None: (int, "a whole number"),
    str | None: (str, "a text"),
}
