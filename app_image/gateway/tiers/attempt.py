"""Asks one upstream, once: returns an answer that has begun, or raises what the refusal means.

What happens after a failure is not decided here but in gateway.tiers.upstream and gateway.chain.
"""

from gateway.errors import ConnectFailed, ConnectionLost, ConnectTimedOut
from gateway.outcome import Reason
from gateway.tiers.answer import Answer, limit_passed
from gateway.tiers.call import Call
from gateway.tiers.errors import TierFailed
from gateway.tiers.provider import Prepared, Provider
from gateway.tiers.rejection import BODY_LIMIT_BYTES, failure, rejection
from gateway.upstream.client import Transport
from gateway.upstream.reply import Reply
from gateway.watch import Cause, Interrupted


async def ask(transport: Transport, provider: Provider, prepared: Prepared, call: Call) -> Answer:
    """The caller must close the answer. Raises TierFailed, TierRejected, or Interrupted."""
    if prepared.streams:
        # A deadline leaves a third of its time to the next tier, and a third to the one after.
        first_content_seconds = min(provider.first_content_seconds, call.limits.total_seconds / 3)
        call.watch.expect(first_content_seconds, Cause.FIRST_CONTENT)
    else:
        call.watch.rest()
    reply = await _post(transport, provider, prepared, call)
    answer = Answer(reply, call.request.wanted_choices, call.watch, call.limits.idle_seconds)
    if reply.status == 200:
        return answer
    try:
        raise failure(provider, reply.status, reply.content_type, reply.retry_after) or rejection(
            reply.status, reply.content_type, await answer.body(BODY_LIMIT_BYTES)
        )
    finally:
        reply.abort()


async def _post(transport: Transport, provider: Provider, prepared: Prepared, call: Call) -> Reply:
    url = provider.urls[call.request.endpoint.route]
    headers = {**call.headers, **provider.headers}
    for name in provider.withheld:
        headers.pop(name, None)
    try:
        with call.watch:
            return await transport.post(url, headers, prepared.body, connect_seconds=call.limits.connect_seconds)
    except ConnectFailed:
        raise TierFailed(Reason.CONNECT_FAILED) from None
    except ConnectTimedOut:
        raise TierFailed(Reason.CONNECT_TIMEOUT) from None
    except ConnectionLost:
        raise TierFailed(Reason.RESET) from None
    except Interrupted as interruption:
        raise limit_passed(interruption) from None
