"""Strings from the command line into typed values, refused before anything runs. Knows nothing of Invoke.

A task's parameters say what they take by their annotation: `str`, `int`, `float`, `bool`, a `StrEnum`,
`list[str]` (a flag that may be repeated), each also with `| None`.
"""

import inspect
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_type_hints

from scripts.errors import UsageAsked, WrongUsage

HELP_FLAGS = ("--help", "-h")


def parameters(body: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The task's own parameters: all but the first, which is the run."""
    return dict(list(inspect.signature(body).parameters.items())[1:])


def required(body: Callable[..., Any]) -> list[str]:
    """Names of the positionals."""
    return [name for name, found in parameters(body).items() if found.default is inspect.Parameter.empty]


def typed(body: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every given value in the type its parameter asks for.

    Raises WrongUsage for an empty value, one that starts with `-`, or one of the wrong kind; UsageAsked for `--help`.
    """
    hints = get_type_hints(body)
    return {
        name: found.default if given[name] is None else _typed(name, _kind(hints[name]), given[name])
        for name, found in parameters(body).items()
    }


def is_repeated(body: Callable[..., Any], name: str) -> bool:
    return bool(_kind(get_type_hints(body)[name]) == list[str])


def text(name: str, value: str) -> str:
    """A value that is really there: Invoke hands over `--help`, `-x` and `''` as if they were."""
    if value in HELP_FLAGS:
        raise UsageAsked("usage asked for")
    if not value or value.startswith("-"):
        raise WrongUsage(f"{_flag(name)}: expected a value, found {value!r}")
    return value


def _typed(name: str, kind: Any, value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return [text(name, entry) for entry in value]
    if kind in (int, float):
        return _number(name, kind, value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _choice(name, kind, text(name, value))
    return text(name, value)


def _number(name: str, kind: type[int] | type[float], value: Any) -> float:
    if value in HELP_FLAGS:
        raise UsageAsked("usage asked for")
    try:
        return kind(value)
    except ValueError:
        raise WrongUsage(f"{_flag(name)}: expected a number, found {value!r}") from None


def _choice(name: str, kind: type[StrEnum], value: str) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        raise WrongUsage(f"{_flag(name)}: expected {' or '.join(kind)}, found {value!r}") from None


def _kind(hint: Any) -> Any:
    members = [member for member in get_args(hint) if member is not NoneType]
    return members[0] if NoneType in get_args(hint) else hint


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
