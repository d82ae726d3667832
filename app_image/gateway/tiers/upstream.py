"""An upstream as a tier: whether it is asked at all, how often, and what its breaker learns from it.

Not owned here: what comes after a failure (gateway.chain), what a status means (gateway.tiers.rejection).
"""

import asyncio
import math
import time
from collections.abc import Callable
from typing import Protocol

from gateway.breaker import Breaker, BreakerState, Permit
from gateway.delivery import deliver
from gateway.endpoints import Endpoint
from gateway.outcome import UNHEALTHY, Reason, TierName
from gateway.retrying import RetryBudget, may_retry
from gateway.tiers.attempt import ask
from gateway.tiers.call import Call
from gateway.tiers.errors import TierFailed, TierRejected
from gateway.tiers.provider import Prepared, Provider
from gateway.tiers.refusals import never
from gateway.upstream.client import Transport

Refusal = Callable[[], bool]


class Retried(Protocol):
    """Is told of every second try."""

    def retried(self, tier: TierName) -> None: ...


class UpstreamTier:
    """`is_overflowing` and `is_spent` are asked before each request; `most_in_flight` of them may be out at once."""

    def __init__(
        self,
        provider: Provider,
        breaker: Breaker,
        transport: Transport,
        budget: RetryBudget,
        counts: Retried,
        *,
        most_in_flight: int | None = None,
        is_overflowing: Refusal = never,
        is_spent: Refusal = never,
    ) -> None:
        self.breaker = breaker
        self.name = provider.name
        self.context_tokens = provider.context_tokens
        self._provider = provider
        self._transport = transport
        self._budget = budget
        self._counts = counts
        self._most_in_flight = math.inf if most_in_flight is None else most_in_flight
        self._is_overflowing = is_overflowing
        self._is_spent = is_spent
        self._in_flight = 0

    def has(self, endpoint: Endpoint) -> bool:
        return endpoint.route in self._provider.urls

    async def answer(self, call: Call, *, forced: bool, may_overflow: bool) -> None:
        if reason := self._refusal(may_overflow):
            raise TierFailed(reason)
        permit = self.breaker.admit(force=forced)
        if permit is None:
            raise TierFailed(Reason.BREAKER_OPEN, retry_after_seconds=math.ceil(self.breaker.seconds_left()) or 1)
        self._in_flight += 1
        shown = self._shown_enough(call, permit)
        try:
            with permit:
                await self._asked(call, permit)
        finally:
            self._in_flight -= 1
            if shown is not None:
                shown.cancel()

    def _shown_enough(self, call: Call, permit: Permit) -> asyncio.TimerHandle | None:
        """A probe whose answer has been coming for a while is a success before its end: it may be a long answer, and
        everybody else would be kept from a healthy upstream."""
        if self.breaker.state is BreakerState.CLOSED:
            return None

        def look() -> None:
            if call.exchange.first_token_seconds is not None:
                permit.succeed()

        return asyncio.get_running_loop().call_later(self.breaker.probe_seconds, look)

    def _refusal(self, may_overflow: bool) -> Reason | None:
        if self._is_spent():
            return Reason.SPENDING_CAP
        if self._in_flight >= self._most_in_flight:
            return Reason.BUSY
        return Reason.OVERFLOW if may_overflow and self._is_overflowing() else None

    async def _asked(self, call: Call, permit: Permit) -> None:
        try:
            await self._asked_twice_at_most(call)
        except TierRejected:
            permit.succeed()
            raise
        except TierFailed as failure:
            if failure.reason in UNHEALTHY:
                permit.fail()
            elif failure.reason is Reason.RATE_LIMITED and failure.retry_after_seconds:
                self.breaker.cool_down(failure.retry_after_seconds)
            raise
        permit.succeed()

    async def _asked_twice_at_most(self, call: Call) -> None:
        prepared = self._provider.prepare(call.request, call.exchange.output_limit)
        asked_at = time.monotonic()
        try:
            return await self._asked_once(call, prepared)
        except TierFailed as failure:
            if call.exchange.began or not self._may_retry(failure.reason, time.monotonic() - asked_at):
                raise
        try:
            self._counts.retried(self.name)
            call.watch.rest()
            await asyncio.sleep(self._budget.pause_seconds())
            await self._asked_once(call, prepared)
        finally:
            self._budget.give_back()

    def _may_retry(self, reason: Reason, elapsed_seconds: float) -> bool:
        """A breaker that is not closed waits for one result, not for the better of two."""
        is_closed = self.breaker.state is BreakerState.CLOSED
        return is_closed and may_retry(reason, elapsed_seconds) and self._budget.take()

    async def _asked_once(self, call: Call, prepared: Prepared) -> None:
        exchange = call.exchange
        exchange.asked(self.name, prepared.model, prepared.dropped)
        answer = await ask(self._transport, self._provider, prepared, call)
        try:
            await deliver(answer, call)
        finally:
            exchange.usage = answer.usage
            exchange.pieces = answer.pieces
            await answer.close()
