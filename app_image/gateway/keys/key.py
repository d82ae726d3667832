"""A client's key without the key: its name and what it may do. Also how an item of the table `keys` is read.

An item: pk `key`, sk the SHA-256 of the key in hex, `name`, the limits that are set, and `revoked_at` once it is
revoked. Attributes that this release does not know are left alone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from gateway.keys.errors import UnreadableKey
from gateway.settings import ExternalFallback
from gateway.tables.table import Item

PARTITION = "key"
NANO = 10**9
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Key:
    """None is no limit; `models` are the names a client may ask for."""

    name: str
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    monthly_budget_usd: Decimal | None = None
    models: frozenset[str] | None = None
    external_fallback: bool = True

    @property
    def monthly_budget_nano_usd(self) -> int | None:
        return None if self.monthly_budget_usd is None else int(self.monthly_budget_usd * NANO)


def read_keys(items: Iterable[Item]) -> tuple[dict[bytes, Key], dict[str, str]]:
    """Valid keys by digest; and, by `sk`, why an item could not be read. Such a key is not known: better no access
    than one without its limits."""
    keys: dict[bytes, Key] = {}
    problems: dict[str, str] = {}
    for item in items:
        try:
            if not item.get("revoked_at"):
                keys[_digest(item)] = _key(item)
        except UnreadableKey as error:
            problems[str(item.get("sk"))] = str(error)
    return keys, problems


def _digest(item: Item) -> bytes:
    text = str(item.get("sk"))
    if not _DIGEST.fullmatch(text):
        raise UnreadableKey("sk is not the SHA-256 of a key in hex")
    return bytes.fromhex(text)


def _key(item: Item) -> Key:
    name = item.get("name")
    if not isinstance(name, str) or not name:
        raise UnreadableKey("it has no name")
    return Key(
        name=name,
        requests_per_minute=_limit(item, "requests_per_minute"),
        tokens_per_minute=_limit(item, "tokens_per_minute"),
        monthly_budget_usd=_usd(item, "monthly_budget_usd"),
        models=_names(item, "models"),
        external_fallback=_external_fallback(item),
    )


def _limit(item: Mapping[str, object], name: str) -> int | None:
    value = item.get(name)
    if value is None or (isinstance(value, int) and value > 0):
        return value
    raise UnreadableKey(f"{name} is {value!r}, not a whole number above 0")


def _usd(item: Mapping[str, object], name: str) -> Decimal | None:
    value = item.get(name)
    if value is None:
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise UnreadableKey(f"{name} is {value!r}, not an amount")
    return amount


def _names(item: Mapping[str, object], name: str) -> frozenset[str] | None:
    value = item.get(name)
    if value is None:
        return None
    if not isinstance(value, list):
        raise UnreadableKey(f"{name} is {value!r}, not a list of names")
    return frozenset(value)


def _external_fallback(item: Mapping[str, object]) -> bool:
    value = item.get("external_fallback", ExternalFallback.ALLOW)
    if value not in set(ExternalFallback):
        raise UnreadableKey(f"external_fallback is {value!r}, not {' or '.join(ExternalFallback)}")
    return value == ExternalFallback.ALLOW
