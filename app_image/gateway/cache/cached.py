"""An answer that was found: what the table keeps of it, and what a client is told about it.

An item is read by releases before and after the one that wrote it. So a reader needs `body`, `created_at` and
`expires_at` and nothing else, and new attributes may join them; an answer that must be written another way needs
another key (gateway.cache.key).
"""

import zlib
from dataclasses import dataclass

import msgspec

from gateway.cache.errors import Expired, Unreadable
from gateway.cache.whole_answer import is_good, without_usage
from gateway.errors import Header
from gateway.tables.table import Item, Value

ANSWER = "answer"
"""The `sk` of every answer."""

# Level 6 takes four times as long as this for an answer of 256 KiB (13 ms instead of 3), and saves a seventh.
_LEVEL = 1
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cached:
    """A whole answer as JSON, its usage 0; `tier` and `model` gave it first, both empty where that is not known."""

    body: bytes
    tier: str
    model: str
    age_seconds: int


def headers(cached: Cached) -> tuple[Header, ...]:
    """RFC 9111 and RFC 9211."""
    return (b"age", b"%d" % cached.age_seconds), (b"cache-status", b"switchyard; hit")


def written(pk: str, answer: bytes, tier: str, model: str, created_at: float, max_age_seconds: float) -> Item:
    return {
        "pk": pk,
        "sk": ANSWER,
        "body": zlib.compress(answer, _LEVEL),
        "tier": tier,
        "model": model,
        "created_at": int(created_at),
        "expires_at": int(created_at + max_age_seconds),
    }


def read(item: Item, now: float, max_age_seconds: float) -> Cached:
    """Raises Expired, by the writer's policy or by the reader's, or Unreadable. What another task's clock says is still
    to come is 0 s old."""
    body, created_at, expires_at = item.get("body"), _number(item.get("created_at")), _number(item.get("expires_at"))
    if not isinstance(body, bytes):
        raise Unreadable
    if now >= min(expires_at, created_at + max_age_seconds):
        raise Expired
    return Cached(
        _inflated(body), _text(item.get("tier")), _text(item.get("model")), max(0, int(now) - int(created_at))
    )


def _inflated(body: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        answer = inflater.decompress(body, _MOST_BYTES)
        if not inflater.eof or not is_good(answer):
            raise Unreadable
        return without_usage(answer)
    except (zlib.error, msgspec.MsgspecError, UnicodeDecodeError):
        raise Unreadable from None


def _number(value: Value) -> int | float:
    if not isinstance(value, int | float):
        raise Unreadable
    return value


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
