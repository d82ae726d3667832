"""POST /v1/chat/completions: asks one tier after the other and decides when another may be asked.

A tier is left only while the client has seen nothing. For a streaming client that ends with the first content, from
where on a failure is told in-band; a client that does not stream sees nothing until the whole answer is there.
"""

import asyncio
from collections.abc import Sequence

from gateway.body import read_body
from gateway.completion_request import CompletionRequest, parse
from gateway.delivery import deliver
from gateway.drain import Drain
from gateway.errors import ApiError, stopping, upstreams_failed
from gateway.exchange import Exchange
from gateway.metrics import Metrics
from gateway.outcome import Reason, StatusClass
from gateway.settings import Settings
from gateway.sse import error_event
from gateway.tiers.attempt import Attempt
from gateway.tiers.errors import TierFailed, TierRejected
from gateway.tiers.tier import Tier
from gateway.upstream.client import Transport
from gateway.watch import Cause, Interrupted, Receive, Watch

_RETRY_AFTER = b"5"
_LAST_WORDS_SECONDS = 1.0


class ChatCompletions:
    """The handler. `tiers` is the order in which they are asked."""

    def __init__(
        self, settings: Settings, tiers: Sequence[Tier], transport: Transport, metrics: Metrics, drain: Drain
    ) -> None:
        self._model = settings.model
        self._limits = settings.limits
        self._tiers = tiers
        self._transport = transport
        self._metrics = metrics
        self._drain = drain

    async def __call__(self, exchange: Exchange, receive: Receive) -> None:
        watch = exchange.watch = Watch(self._limits.total_seconds)
        with self._drain.tracked(watch), self._metrics.in_flight.track_inprogress():
            try:
                with watch:
                    await self._serve(exchange, receive, watch)
            except Interrupted as interruption:
                watch.close()
                await _give_up(exchange, interruption.cause)
            finally:
                watch.close()

    async def _serve(self, exchange: Exchange, receive: Receive, watch: Watch) -> None:
        body = await read_body(receive, exchange.content_length, watch, self._limits)
        request = parse(body, self._model)
        exchange.stream = request.stream
        client = asyncio.ensure_future(watch.disconnected(receive))
        try:
            await self._answer(exchange, request, watch)
        except TierRejected as rejection:
            await exchange.respond(rejection.status, rejection.body, content_type=rejection.content_type)
        finally:
            client.cancel()

    async def _answer(self, exchange: Exchange, request: CompletionRequest, watch: Watch) -> None:
        forwarded = {"content-type": "application/json", "x-request-id": exchange.request_id, **exchange.trace}
        attempt = Attempt(request, forwarded, self._transport, watch, self._limits)
        failures: list[TierFailed] = []
        for position, tier in enumerate(self._tiers):
            try:
                await self._ask(tier, exchange, request, attempt)
                return
            except TierFailed as failure:
                failures.append(failure)
                if exchange.began:
                    watch.close()
                    await _end_incomplete(exchange, failure.reason)
                    return
                self._leave(exchange, position, failure)
                if failure.reason is Reason.TIME_LIMIT:
                    break
        exchange.tier = None
        raise _unavailable(failures, external_fallback=len(self._tiers) > 1)

    async def _ask(self, tier: Tier, exchange: Exchange, request: CompletionRequest, attempt: Attempt) -> None:
        prepared = tier.prepare(request)
        exchange.tier = tier.name
        exchange.dropped_parameters = prepared.dropped
        answer = await attempt.ask(tier, prepared)
        try:
            await deliver(answer, exchange, request)
        finally:
            exchange.usage = answer.usage
            await answer.close()

    def _leave(self, exchange: Exchange, position: int, failure: TierFailed) -> None:
        later = self._tiers[position + 1 :]
        following = later[0].name if later and failure.reason is not Reason.TIME_LIMIT else None
        self._metrics.fallback(self._tiers[position].name, following, failure.reason)
        if exchange.fallback_reason is None:
            exchange.fallback_reason = failure.reason


async def _give_up(exchange: Exchange, cause: Cause) -> None:
    if cause is Cause.CLIENT_GONE:
        exchange.ended = StatusClass.CLIENT_GONE
    elif exchange.began:
        await _end_incomplete(exchange, cause)
    elif cause is Cause.STOPPING:
        exchange.tier = None
        raise stopping()
    else:
        exchange.tier = None
        raise upstreams_failed(502, "The answer was not complete within the time limit.", code="time_limit")


async def _end_incomplete(exchange: Exchange, why: Reason | Cause) -> None:
    """Tells a client in-band; one that does not read is not waited for."""
    exchange.ended = StatusClass.INCOMPLETE
    message = f"The answer ended before it was complete ({why}); what came so far is not the whole answer."
    try:
        async with asyncio.timeout(_LAST_WORDS_SECONDS):
            await exchange.end(StatusClass.INCOMPLETE, error_event(message, code="stream_incomplete"))
    except TimeoutError:
        pass


def _unavailable(failures: list[TierFailed], *, external_fallback: bool) -> ApiError:
    last = failures[-1]
    reasons = ", ".join(failure.reason for failure in failures)
    retry_after = last.retry_after or _RETRY_AFTER
    if not external_fallback:
        message = f"The model is not available ({reasons}) and this deployment uses no other provider."
        return upstreams_failed(503, message, code="model_unavailable", retry_after=retry_after)
    message = f"No provider could answer ({reasons})."
    if last.reason is Reason.OVERLOADED:
        return upstreams_failed(503, message, code="overloaded", retry_after=retry_after)
    return upstreams_failed(502, message, code="all_tiers_failed")
