"""The last tier: an earlier answer to the same request, when nobody else gives one."""

import msgspec

from gateway.cache.cache import Cache
from gateway.cache.cached import Cached, headers
from gateway.cache.key import Question
from gateway.cache.replay import replay
from gateway.endpoints import Endpoint
from gateway.exchange import EVENT_STREAM, JSON
from gateway.outcome import Reason, TierName
from gateway.tiers.answer import limit_passed
from gateway.tiers.call import Call
from gateway.tiers.errors import TierFailed
from gateway.watch import Interrupted


class CacheTier:
    """It has what the cache has."""

    name = TierName.CACHE
    context_tokens = None

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def has(self, endpoint: Endpoint) -> bool:
        return True

    async def answer(self, call: Call, *, forced: bool, may_overflow: bool) -> None:
        cached = await self._found(call)
        if cached is None:
            raise TierFailed(Reason.NOT_CACHED)
        body, content_type = _carried(cached, call)
        exchange = call.exchange
        exchange.asked(self.name, cached.model, ())
        exchange.content_came()
        await exchange.respond(200, body, content_type=content_type, headers=headers(cached))

    async def _found(self, call: Call) -> Cached | None:
        call.watch.rest()
        try:
            with call.watch:
                return await self._cache.find(question(call))
        except Interrupted as interruption:
            raise limit_passed(interruption) from None


def question(call: Call) -> Question:
    """What the cache is asked, and later told, of this request."""
    exchange, request = call.exchange, call.request
    return Question(
        exchange.key.name,
        request.endpoint,
        request.model,
        request.body,
        no_store=exchange.head.no_store,
        previewed=exchange.head.previewed,
    )


def _carried(cached: Cached, call: Call) -> tuple[bytes, bytes]:
    """As the client asked for it. Raises TierFailed for what an older release may have kept otherwise."""
    request = call.request
    if not request.stream:
        return cached.body, JSON
    try:
        return replay(cached.body, request.endpoint, wants_usage=request.wants_usage), EVENT_STREAM
    except msgspec.MsgspecError:
        raise TierFailed(Reason.MALFORMED) from None
