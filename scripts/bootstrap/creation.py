"""What this task makes, as data: what it is, what it costs in a month, and the calls that make it. Pure.

A call may need the key that an earlier call made: `MADE_KEY` stands for its ARN until it is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.aws.model import Call

MADE_KEY = "<the key made above>"


@dataclass(frozen=True)
class Creation:
    """`saying` is the progress line, `cost` in words where AWS charges for it."""

    what: str
    saying: str
    calls: tuple[Call, ...]
    cost: str = ""


def filled(call: Call, key_arn: str | None) -> Call:
    """The call with the made key in it."""
    if key_arn is None:
        return call
    return Call(call.service, call.operation, _filled(call.parameters, key_arn))


def _filled(value: Any, key_arn: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(entry, key_arn) for name, entry in value.items()}
    if isinstance(value, list):
        return [_filled(entry, key_arn) for entry in value]
    return key_arn if value == MADE_KEY else value
