"""A client's key as the table holds it: never the key itself, only its SHA-256. Pure.

Partition `key`, sort key the digest in hex. A revoked key stays, so that nobody forgets who had it.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from scripts.shared_items import Record, Value, Write
from stacks.external_fallback import ExternalFallback

PARTITION = "key"
# Scanners for leaked keys find it by this.
PREFIX = "sk-sy-"
_BYTES = 32
_SHOWN_CHARACTERS = 8
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Limits:
    """What a key may; None is no limit. `monthly_budget_usd` is a decimal number as text."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    monthly_budget_usd: str | None = None
    models: tuple[str, ...] | None = None
    external_fallback: ExternalFallback = ExternalFallback.ALLOW


@dataclass(frozen=True)
class ClientKey:
    """`revoked_at` is None while it is valid."""

    name: str
    digest: str
    created_at: str
    created_by: str
    limits: Limits
    revoked_at: str | None = None
    revoked_by: str | None = None

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None

    @property
    def short(self) -> str:
        """Enough of the digest to tell two keys apart."""
        return self.digest[:_SHOWN_CHARACTERS]


def fresh() -> str:
    """A key of 256 bits."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def creation(key: ClientKey) -> Write:
    limits = key.limits
    values: dict[str, Value | None] = {
        "name": key.name,
        "created_at": key.created_at,
        "created_by": key.created_by,
        "requests_per_minute": limits.requests_per_minute,
        "tokens_per_minute": limits.tokens_per_minute,
        "monthly_budget_usd": limits.monthly_budget_usd,
        "models": limits.models,
        "external_fallback": str(limits.external_fallback),
    }
    return Write(PARTITION, key.digest, {name: value for name, value in values.items() if value is not None})


def revocation(key: ClientKey, at: str, by: str) -> Write:
    """Only of one that is valid: when it died is not written over."""
    return Write(PARTITION, key.digest, {"revoked_at": at, "revoked_by": by}, absent="revoked_at")


def read(record: Record) -> ClientKey | None:
    """None for an item that is no key, or whose limits say nothing: the gateway lets nobody in with it. Attributes that
    this release does not know are left alone."""
    name, found = record.get("name"), str(record.get("sk", ""))
    limits = _limits(record)
    if not isinstance(name, str) or not name or not _DIGEST.fullmatch(found) or limits is None:
        return None
    return ClientKey(
        name=name,
        digest=found,
        created_at=str(record.get("created_at", "?")),
        created_by=str(record.get("created_by", "?")),
        limits=limits,
        revoked_at=_text(record, "revoked_at"),
        revoked_by=_text(record, "revoked_by"),
    )


def all_of(records: Iterable[Record]) -> list[ClientKey]:
    """By name, the newest of a name last."""
    found = [key for record in records if (key := read(record))]
    return sorted(found, key=lambda key: (key.name, key.created_at))


def _limits(record: Record) -> Limits | None:
    models = record.get("models")
    try:
        return Limits(
            requests_per_minute=_whole(record, "requests_per_minute"),
            tokens_per_minute=_whole(record, "tokens_per_minute"),
            monthly_budget_usd=_text(record, "monthly_budget_usd"),
            models=tuple(models) if models is not None else None,
            external_fallback=ExternalFallback(record.get("external_fallback", ExternalFallback.ALLOW)),
        )
    except (TypeError, ValueError):
        return None


def _text(record: Record, name: str) -> str | None:
    return str(record[name]) if name in record else None


def _whole(record: Record, name: str) -> int | None:
    return int(record[name]) if name in record else None
