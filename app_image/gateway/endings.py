"""What a client is told when no tier gave it a whole answer."""

import asyncio
from collections.abc import Sequence

from gateway.errors import (
    ApiError,
    ErrorCode,
    all_tiers_failed,
    model_unavailable,
    out_of_time,
    overloaded,
    stopping,
)
from gateway.exchange import Exchange
from gateway.outcome import Reason, StatusClass
from gateway.sse import error_event
from gateway.tiers.errors import TierFailed
from gateway.watch import Cause

_RETRY_AFTER_SECONDS = 5
_LONGEST_RETRY_AFTER_SECONDS = 60
_LAST_WORDS_SECONDS = 1.0
# These pass by themselves, soon.
_TOO_MUCH = frozenset({Reason.OVERLOADED, Reason.RATE_LIMITED, Reason.BUSY, Reason.BREAKER_OPEN})


async def give_up(exchange: Exchange, cause: Cause) -> None:
    """The request was interrupted. Raises ApiError for a client that has seen nothing yet."""
    if cause is Cause.CLIENT_GONE:
        exchange.ended = StatusClass.CLIENT_GONE
    elif exchange.began:
        await incomplete(exchange, cause)
    else:
        raise stopping() if cause is Cause.STOPPING else out_of_time()


async def incomplete(exchange: Exchange, why: Reason | Cause) -> None:
    """Tells a client in-band; one that does not read is cut off, or it would keep its connection for ever."""
    if exchange.watch is not None:
        exchange.watch.close()
    exchange.ended = StatusClass.INCOMPLETE
    exchange.error_code = ErrorCode.STREAM_INCOMPLETE
    message = f"The answer ended before it was complete ({why}); what came so far is not the whole answer."
    try:
        async with asyncio.timeout(_LAST_WORDS_SECONDS):
            await exchange.end(StatusClass.INCOMPLETE, error_event(message, code=ErrorCode.STREAM_INCOMPLETE))
    except TimeoutError:
        exchange.cut()


def unanswered(failures: Sequence[TierFailed], *, has_other_provider: bool) -> ApiError:
    """`failures` in the order in which the tiers were asked; the cache has none when it had no answer."""
    reasons = ", ".join(failure.reason for failure in failures) or "every tier is switched off"
    if failures and failures[-1].reason is Reason.TIME_LIMIT:
        return out_of_time()
    if not has_other_provider:
        return model_unavailable(reasons, _retry_after(failures))
    if failures and failures[-1].reason in _TOO_MUCH:
        return overloaded(f"No provider could answer now ({reasons}).", _retry_after(failures[-1:]))
    return all_tiers_failed(reasons)


def _retry_after(failures: Sequence[TierFailed]) -> int:
    """The soonest that any tier gave."""
    told = [failure.retry_after_seconds for failure in failures if failure.retry_after_seconds]
    return min([_LONGEST_RETRY_AFTER_SECONDS, *told]) if told else _RETRY_AFTER_SECONDS
