"""A cache on a table in memory, with a clock that the test turns, and what was counted."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.cache.cache import Cache
from gateway.cache.cached import ANSWER, Cached
from gateway.cache.key import Question, Served, digest
from gateway.cache.outcome import CacheLookup, CacheWrite
from gateway.endpoints import CHAT
from gateway.outcome import TierName
from gateway.settings import CachePolicy
from gateway.tables.table import Item, Table

from tests.gateway.tables.unreliable import UnreliableTable

NOW = 1_764_000_000.0
SERVED = Served("resume", "8f2c", {"smart": "gpt-4o"})
REQUEST: dict[str, Any] = {"model": "resume", "messages": [{"role": "user", "content": "Hi"}], "temperature": 0}
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def question(**changes: Any) -> Question:
    """The same each time but for `changes`, of the question or, in `request`, of its body."""
    body = json.dumps(REQUEST | changes.pop("request", {})).encode()
    return replace(Question("app", CHAT, "resume", body), **changes)


def answer(content: str = "Hello!", *, choices: list[dict[str, Any]] | None = None, **more: Any) -> bytes:
    said = {"index": 0, "message": {"role": "assistant", "content": content}, "logprobs": None, "finish_reason": "stop"}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_764_000_000, "model": "resume"}
    return json.dumps({**head, "choices": choices or [said], "usage": USAGE, **more}).encode()


@dataclass
class CacheStage:
    """`lookups` and `writes` are what was counted."""

    table: UnreliableTable
    policy: CachePolicy
    served: Served = SERVED
    now: float = NOW
    is_live: bool = True
    lookups: Counter[CacheLookup] = field(default_factory=Counter)
    writes: Counter[CacheWrite] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._write_counts = asyncio.Semaphore(0)
        self.cache = self.another()

    def another(self, *, served: Served | None = None, table: Table | None = None, **more: float) -> Cache:
        """The cache of another task, beside the same table."""
        return Cache(
            table or self.table,
            self.policy,
            served or self.served,
            lambda: self.is_live,
            lambda result: self.lookups.update([result]),
            self._count_write,
            now=lambda: self.now,
            **more,
        )

    async def keeps(self, asked: Question, body: bytes | None = None, tier: TierName = TierName.VLLM) -> None:
        """Keeps, and waits until it is written."""
        self.cache.keep(asked, lambda: body or answer(), tier, "resume")
        await self.cache.stop()

    async def finds(self, asked: Question) -> Cached | None:
        return await self.cache.find(asked)

    async def counts_writes(self, number: int) -> None:
        """Returns when so many more were counted."""
        async with asyncio.timeout(5):
            for _ in range(number):
                await self._write_counts.acquire()

    async def item(self, asked: Question) -> Item | None:
        return await self.table.get(digest(asked, self.served), ANSWER)

    def _count_write(self, result: CacheWrite) -> None:
        self.writes.update([result])
        self._write_counts.release()


@asynccontextmanager
async def cache_stage(**policy: Any) -> AsyncIterator[CacheStage]:
    stage = CacheStage(UnreliableTable(), CachePolicy(**policy))
    yield stage
    await stage.cache.stop(0.1)


def said(cached: Cached | None) -> Any:
    assert cached is not None
    return json.loads(cached.body)
