"""Reads that lag behind writes, as ECS, Elastic Load Balancing and non-consistent DynamoDB reads do in AWS.

A read is answered with what the same read answered up to `maximum_seconds` ago. What was never read cannot
be stale: that is the limit of this imitation.
"""

import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from rehearsal.cloud.calls import Call

Answer = TypeVar("Answer")
_LAGGING = {"ecs": ("Describe", "List"), "elasticloadbalancing": ("Describe",)}
_DYNAMODB_READS = ("GetItem", "Query")


@dataclass
class StaleReads(Generic[Answer]):
    """Remembers answers for as long as they may be repeated. Safe to use from many threads."""

    maximum_seconds: float = 0.0
    _past: dict[tuple[str, str, bytes], deque[tuple[float, Answer]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def earlier(self, call: Call) -> Answer | None:
        """An earlier answer to the same read, or None to ask afresh."""
        if self.maximum_seconds <= 0 or not may_lag(call):
            return None
        now = time.monotonic()
        wanted = now - random.uniform(0, self.maximum_seconds)  # noqa: S311
        with self._lock:
            past = self._past.get(_key(call), ())
            usable = [answer for at, answer in past if now - self.maximum_seconds <= at <= wanted]
        return usable[-1] if usable else None

    def remember(self, call: Call, answer: Answer) -> None:
        if self.maximum_seconds <= 0 or not may_lag(call):
            return
        with self._lock:
            self._past.setdefault(_key(call), deque(maxlen=64)).append((time.monotonic(), answer))


def may_lag(call: Call) -> bool:
    """Whether AWS promises no read-after-write consistency for this call."""
    if call.service == "dynamodb":
        consistent = b'"ConsistentRead": true' in call.body or b'"ConsistentRead":true' in call.body
        return call.operation in _DYNAMODB_READS and not consistent
    return call.operation.startswith(_LAGGING.get(call.service, ("\0",)))


def _key(call: Call) -> tuple[str, str, bytes]:
    return call.service, call.operation, call.body
