"""The last tier's memory: every good answer is kept for a while, and given again only when nothing else can answer.

All whole, good answers are kept, also those that chance had a part in. A cache that answers *instead* of a model must
not do that, for it would end the variety that its clients asked for. This one answers instead of an error: exactly the
same was asked with the same key before, and got this answer, which now says that it is an old one (`Age`,
`Cache-Status`, the tier). Who wants none sends `Cache-Control: no-store`; then nothing is looked for or kept.

An answer is written after its client has it. A release that is not live keeps nothing: what a candidate says may be
the reason not to let it live.
"""

import asyncio
import contextlib
from collections.abc import Callable

from gateway.cache.cached import ANSWER, Cached, read
from gateway.cache.errors import Expired, Unreadable
from gateway.cache.key import Question, Served, digest
from gateway.cache.outcome import CacheLookup, CacheWrite
from gateway.cache.writer import WRITE_SECONDS, Kept, Writer
from gateway.clock import steady_clock
from gateway.outcome import TierName
from gateway.periodic import Periodic
from gateway.settings import CachePolicy
from gateway.tables.errors import TableFailed
from gateway.tables.table import Table

LOOKUP_SECONDS = 1.0
_FLUSH_SECONDS = 2.0


class Cache:
    """`looked_up` and `written` count what came of each question and answer. Writes from `start` to `stop`."""

    def __init__(
        self,
        table: Table,
        policy: CachePolicy,
        served: Served,
        is_live: Callable[[], bool],
        looked_up: Callable[[CacheLookup], None],
        written: Callable[[CacheWrite], None],
        *,
        now: Callable[[], float] | None = None,
        lookup_seconds: float = LOOKUP_SECONDS,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        self._table = table
        self._policy = policy
        self._served = served
        self._is_live = is_live
        self._looked_up = looked_up
        self._written = written
        self._now = now or steady_clock()
        self._lookup_seconds = lookup_seconds
        self._writer = Writer(table, served, policy.max_age_seconds, written)
        self._job = Periodic("keeping answers", write_seconds, self._writer.write)

    @property
    def answer_bytes(self) -> int:
        """The longest answer that is kept."""
        return self._policy.answer_bytes

    async def find(self, question: Question) -> Cached | None:
        """Within LOOKUP_SECONDS. Whatever goes wrong is a miss."""
        cached = None
        result = CacheLookup.NO_STORE
        if not question.no_store:
            result, cached = await self._look_up(question)
        self._looked_up(result)
        return cached

    def keep(self, question: Question, body: Callable[[], bytes], tier: TierName, model: str) -> None:
        """`body` makes the answer as JSON, and is only asked for one that is kept. Waits for nothing."""
        if refused := self._refused(question):
            self._written(refused)
            return
        answer = body()
        if len(answer) > self.answer_bytes:
            self._written(CacheWrite.TOO_LARGE)
            return
        self._writer.add(Kept(question, answer, tier, model, self._now()))

    async def start(self) -> None:
        self._job.start()

    async def stop(self, flush_seconds: float = _FLUSH_SECONDS) -> None:
        """After the last request. Lets a batch that is under way end and writes what waits, each within that time."""
        await self._job.stop(flush_seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(flush_seconds):
                while len(self._writer):
                    await self._job.once()

    async def _look_up(self, question: Question) -> tuple[CacheLookup, Cached | None]:
        try:
            async with asyncio.timeout(self._lookup_seconds):
                item = await self._table.get(digest(question, self._served), ANSWER)
            if item is None:
                return CacheLookup.MISS, None
            return CacheLookup.HIT, read(item, self._now(), self._policy.max_age_seconds)
        except TimeoutError:
            return CacheLookup.SLOW, None
        except TableFailed:
            return CacheLookup.ERROR, None
        except Expired:
            return CacheLookup.EXPIRED, None
        except Unreadable:
            return CacheLookup.UNREADABLE, None

    def _refused(self, question: Question) -> CacheWrite | None:
        if question.no_store:
            return CacheWrite.NO_STORE
        if question.previewed or not self._is_live():
            return CacheWrite.NOT_LIVE
        return CacheWrite.QUEUE_FULL if self._writer.is_full else None
