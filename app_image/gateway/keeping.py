"""Which answers are kept for later, and handing them to the cache once their client has them."""

from collections.abc import Callable

from gateway.cache.cache import Cache
from gateway.exchange import Exchange
from gateway.outcome import UPSTREAMS, StatusClass, TierName
from gateway.switches import Mode
from gateway.tiers.cached import question
from gateway.tiers.call import Call


class Keeping:
    """`cache` is None where the cache is no tier. While it is switched off, nothing is kept."""

    def __init__(self, cache: Cache | None, mode: Callable[[TierName], Mode]) -> None:
        self._cache = cache
        self._mode = mode

    def wants_bytes(self, exchange: Exchange) -> int:
        """How long an answer to this request may be to be kept, as far as can be said before it comes; 0: none is."""
        if self._cache is None or exchange.head.no_store or exchange.head.previewed:
            return 0
        return self._cache.answer_bytes

    def keep(self, call: Call) -> None:
        """Waits for nothing."""
        exchange = call.exchange
        if self._cache is None or call.body is None or exchange.ended is not StatusClass.SUCCESS:
            return
        if exchange.tier in UPSTREAMS and self._mode(TierName.CACHE) is not Mode.OFF:
            self._cache.keep(question(call), call.body, exchange.tier, exchange.model)
