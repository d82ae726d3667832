"""What a rule is, and the kinds of rule that many settings share."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True)
class Rule:
    """`holds` gets the values of `keys`, in their order."""

    keys: tuple[str, ...]
    holds: Callable[..., bool]
    wanted: str


def between(key: str, low: int, high: int, reason: str) -> Rule:
    return Rule((key,), lambda value: low <= value <= high, f"expected {low} to {high} ({reason})")


def more_than_zero(*keys: str) -> tuple[Rule, ...]:
    return tuple(Rule((key,), lambda number: number > 0, "expected more than 0") for key in keys)


def ordered(low: str, high: str) -> Rule:
    return Rule((low, high), lambda least, most: 1 <= least <= most, f"expected 1 <= {low} <= {high}")


def is_network(text: str) -> bool:
    """Of IPv4 addresses, written as EC2 wants it: address/length, and no host bits."""
    try:
        return str(IPv4Network(text)) == text
    except ValueError:
        return False
