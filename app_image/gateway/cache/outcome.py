"""The closed sets by which looking for answers and keeping them are counted."""

from enum import StrEnum


class CacheLookup(StrEnum):
    """What came of looking for an answer. Only HIT is one."""

    HIT = "hit"
    MISS = "miss"
    EXPIRED = "expired"
    UNREADABLE = "unreadable"
    SLOW = "slow"
    ERROR = "error"
    NO_STORE = "no_store"


class CacheWrite(StrEnum):
    """What came of an answer that might be kept. Only WRITTEN was."""

    WRITTEN = "written"
    NO_STORE = "no_store"
    NOT_LIVE = "not_live"
    TOO_LARGE = "too_large"
    NOT_GOOD = "not_good"
    QUEUE_FULL = "queue_full"
    ERROR = "error"
