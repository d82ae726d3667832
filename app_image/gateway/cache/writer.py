"""Answers on their way into the table: a bounded queue, emptied by a job beside the requests.

A request only leaves its answer here. Hashing and compressing are done in a thread, because an answer of 256 KiB takes
4 ms of them, and one call writes many answers.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from gateway.cache.cached import written
from gateway.cache.key import Question, Served, digest
from gateway.cache.outcome import CacheWrite
from gateway.cache.whole_answer import is_good
from gateway.tables.table import Item, Table

WRITE_SECONDS = 0.25
_BATCH_ANSWERS = 25  # what the table writes with one call
_BATCH_BYTES = 1024 * 1024
_MOST_ANSWERS = 256
_MOST_BYTES = 16 * 1024 * 1024


class Kept(NamedTuple):
    """An answer to be written, and what it answers."""

    question: Question
    answer: bytes
    tier: str
    model: str
    created_at: float

    @property
    def size_bytes(self) -> int:
        return len(self.question.body) + len(self.answer)


class Writer:
    """With a batch each WRITE_SECONDS, a task keeps at most 100 answers a second: what is more is dropped, so that
    keeping answers cannot take the time that giving them needs."""

    def __init__(
        self, table: Table, served: Served, max_age_seconds: float, counted: Callable[[CacheWrite], None]
    ) -> None:
        self._table = table
        self._served = served
        self._max_age_seconds = max_age_seconds
        self._counted = counted
        self._queue: deque[Kept] = deque()
        self._queued_bytes = 0

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def is_full(self) -> bool:
        return len(self._queue) >= _MOST_ANSWERS or self._queued_bytes >= _MOST_BYTES

    def add(self, kept: Kept) -> None:
        self._queue.append(kept)
        self._queued_bytes += kept.size_bytes

    async def write(self) -> None:
        """One batch. Raises TableFailed; what a table does not take at once is lost, as the next answer is as good."""
        batch = self._take()
        if not batch:
            return
        good = batch
        result = CacheWrite.ERROR
        try:
            good, items = await asyncio.to_thread(self._items, batch)
            await self._table.put(items)
            result = CacheWrite.WRITTEN
        finally:
            self._count(result, len(good))
            self._count(CacheWrite.NOT_GOOD, len(batch) - len(good))

    def _take(self) -> list[Kept]:
        batch: list[Kept] = []
        left_bytes = _BATCH_BYTES
        while self._queue and len(batch) < _BATCH_ANSWERS and left_bytes > 0:
            batch.append(self._queue.popleft())
            left_bytes -= batch[-1].size_bytes
        self._queued_bytes -= sum(kept.size_bytes for kept in batch)
        return batch

    def _items(self, batch: list[Kept]) -> tuple[list[Kept], list[Item]]:
        good = [kept for kept in batch if is_good(kept.answer)]
        return good, [self._item(kept) for kept in good]

    def _item(self, kept: Kept) -> Item:
        pk = digest(kept.question, self._served)
        return written(pk, kept.answer, kept.tier, kept.model, kept.created_at, self._max_age_seconds)

    def _count(self, result: CacheWrite, number: int) -> None:
        for _ in range(number):
            self._counted(result)
