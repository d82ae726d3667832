"""Asks one tier after the other, and decides when another may be asked.

A tier is left only while the client has seen nothing. For a streaming client that ends with the first content, from
where on a failure is told in-band; a client that does not stream sees nothing until the whole answer is there.
"""

from collections.abc import Awaitable, Mapping
from typing import NamedTuple

from gateway import endings
from gateway.exchange import Exchange
from gateway.metrics import Metrics
from gateway.outcome import UPSTREAMS, Reason, TierName
from gateway.routing import Route, Routing
from gateway.tiers.call import Call
from gateway.tiers.errors import TierFailed, TierRejected
from gateway.tiers.tier import Tier

# To ask again changes nothing; any other failure of an upstream may pass by itself.
_LASTING = frozenset({Reason.SPENDING_CAP, Reason.REFUSED})


class Chain:
    """All tiers of this task."""

    def __init__(self, tiers: Mapping[TierName, Tier], routing: Routing, metrics: Metrics) -> None:
        self._tiers = tiers
        self._routing = routing
        self._metrics = metrics

    async def answer(self, call: Call) -> None:
        """Returns when the client was answered by a tier, be it with a rejection or with a stream that says that it is
        incomplete. Raises ApiError when none could, or Interrupted."""
        route = self._routing.route(call.request.model, call.exchange.key)
        await _Course(self._present(route, call), route, call, self._metrics).run()

    def _present(self, route: Route, call: Call) -> list[Tier]:
        endpoint = call.request.endpoint
        return [tier for name in route.tiers if (tier := self._tiers[name]).has(endpoint)]


class _Course:
    """One request's way. `_ahead`: the tiers that may still be asked, the next one first."""

    def __init__(self, ahead: list[Tier], route: Route, call: Call, metrics: Metrics) -> None:
        self._ahead = ahead
        self._forced = route.forced
        self._call = call
        self._metrics = metrics
        self._present = tuple(ahead)
        self._may_overflow = True
        self._failures: list[TierFailed] = []
        self._rejection: _Held | None = None
        if route.skipped is not None:
            self._leave(route.skipped, Reason.SWITCHED)

    async def run(self) -> None:
        while self._ahead:
            tier = self._ahead.pop(0)
            try:
                await self._ask(tier)
                return
            except TierRejected as rejection:
                held = _Held.of(rejection, tier.name, self._call.exchange)
                if not self._goes_on(tier, held):
                    await self._reject(held)
                    return
            except TierFailed as failure:
                if self._call.exchange.began:
                    await endings.incomplete(self._call.exchange, failure.reason)
                    return
                self._go_on(tier, failure)
        if self._rejection is not None:
            await self._reject(self._rejection)
            return
        raise endings.unanswered(self._failures, has_other_provider=self._is_external)

    def _ask(self, tier: Tier) -> Awaitable[None]:
        forced = tier.name is self._forced
        may_overflow = self._may_overflow and not forced and any(other.name in UPSTREAMS for other in self._ahead)
        return tier.answer(self._call, forced=forced, may_overflow=may_overflow)

    @property
    def _is_external(self) -> bool:
        """Whether a paid tier was among those that could be asked."""
        return any(tier.name is TierName.OPENAI for tier in self._present)

    def _go_on(self, tier: Tier, failure: TierFailed) -> None:
        if failure.reason is Reason.TIME_LIMIT:
            self._ahead.clear()
        elif failure.reason is Reason.OVERFLOW:
            self._come_back(tier)
        if failure.reason is not Reason.NOT_CACHED:
            self._failures.append(failure)
            if not (self._is_too_long and failure.reason in _LASTING):
                self._rejection = None
        self._leave(tier.name, failure.reason)

    def _come_back(self, tier: Tier) -> None:
        """A queue is better than nothing: this one is asked in any case when the other upstreams fail."""
        self._may_overflow = False
        upstreams = sum(other.name in UPSTREAMS for other in self._ahead)
        self._ahead.insert(upstreams, tier)

    @property
    def _is_too_long(self) -> bool:
        """Whether the first tier's own word is that the prompt is too long for it."""
        return bool(self._failures) and self._failures[0].reason is Reason.CONTEXT_LENGTH

    def _goes_on(self, tier: Tier, held: "_Held") -> bool:
        """What a stand-in has against a request does not count while another tier may answer it. What the first one has
        is final, except that a prompt which is too long for it goes on to an upstream that takes more. When that one
        gives no answer, and would give none if it were asked again, the first one's word is: a client can act on it."""
        reason = Reason.REJECTED
        if not self._failures:
            if not self._larger(held.rejection.context_tokens):
                return False
            reason = Reason.CONTEXT_LENGTH
        if not self._is_too_long:
            if not self._ahead:
                return False
            self._rejection = held
        self._failures.append(TierFailed(reason))
        self._leave(tier.name, reason)
        return True

    def _larger(self, context_tokens: int | None) -> bool:
        """Whether an upstream ahead takes longer prompts; those that do not are no longer ahead."""
        if context_tokens is not None:
            self._ahead = [
                tier
                for tier in self._ahead
                if tier.name is TierName.CACHE or (tier.context_tokens or 0) > context_tokens
            ]
        return context_tokens is not None and any(tier.name in UPSTREAMS for tier in self._ahead)

    def _leave(self, left: TierName, reason: Reason) -> None:
        self._metrics.fallback(left, self._ahead[0].name if self._ahead else None, reason)
        exchange = self._call.exchange
        if exchange.fallback_reason is None:
            exchange.fallback_reason = reason

    async def _reject(self, held: "_Held") -> None:
        self._call.watch.rest()
        exchange, rejection = self._call.exchange, held.rejection
        exchange.asked(held.tier, held.model, held.dropped_parameters)
        await exchange.respond(rejection.status, rejection.body, content_type=rejection.content_type)


class _Held(NamedTuple):
    """A rejection, and whose it is: another tier may have been asked when it is told."""

    rejection: TierRejected
    tier: TierName
    model: str
    dropped_parameters: tuple[str, ...]

    @classmethod
    def of(cls, rejection: TierRejected, tier: TierName, exchange: Exchange) -> "_Held":
        return cls(rejection, tier, exchange.model, exchange.dropped_parameters)
