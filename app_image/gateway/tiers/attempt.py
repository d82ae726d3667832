"""Asks one tier, once: returns an answer that has begun, or says what the tier's refusal means.

What happens after a failure is not decided here but in gateway.chat.
"""

from gateway.completion_request import CompletionRequest
from gateway.errors import ConnectFailed, ConnectionLost, ConnectTimedOut
from gateway.outcome import Reason
from gateway.settings import Limits
from gateway.tiers.answer import Answer, limit_passed
from gateway.tiers.errors import TierFailed, TierRejected
from gateway.tiers.tier import Prepared, Tier
from gateway.upstream.client import Transport
from gateway.upstream.reply import Reply
from gateway.watch import Cause, Interrupted, Watch

_OVERLOADED = frozenset({429, 503})
_REJECTION_LIMIT_BYTES = 64 * 1024
_JSON = b"application/json"
_TEXT = b"text/plain; charset=utf-8"


class Attempt:
    """How tiers are asked for one request."""

    __slots__ = ("_headers", "_limits", "_request", "_transport", "_watch")

    def __init__(
        self, request: CompletionRequest, headers: dict[str, str], transport: Transport, watch: Watch, limits: Limits
    ) -> None:
        self._request = request
        self._headers = headers
        self._transport = transport
        self._watch = watch
        self._limits = limits

    async def ask(self, tier: Tier, prepared: Prepared) -> Answer:
        """The caller must close the answer. Raises TierFailed, TierRejected, or Interrupted."""
        if tier.always_streams or self._request.stream:
            self._watch.expect(self._limits.first_content_seconds, Cause.FIRST_CONTENT)
        else:
            self._watch.rest()
        reply = await self._post(tier, prepared)
        answer = Answer(reply, self._request.wanted_choices, self._watch, self._limits)
        if reply.status == 200:
            return answer
        try:
            raise await _meaning(tier, reply, answer)
        finally:
            reply.abort()

    async def _post(self, tier: Tier, prepared: Prepared) -> Reply:
        try:
            with self._watch:
                return await self._transport.post(tier.url, self._headers | tier.headers, prepared.body)
        except ConnectFailed:
            raise TierFailed(Reason.CONNECT_FAILED) from None
        except ConnectTimedOut:
            raise TierFailed(Reason.CONNECT_TIMEOUT) from None
        except ConnectionLost:
            raise TierFailed(Reason.RESET) from None
        except Interrupted as interruption:
            raise limit_passed(interruption) from None


async def _meaning(tier: Tier, reply: Reply, answer: Answer) -> Exception:
    """An answer that is not 200 is a failure of the tier, or an opinion about the request."""
    if reply.status in tier.rejections:
        content_type = _JSON if "json" in reply.content_type else _TEXT
        return TierRejected(reply.status, await answer.body(_REJECTION_LIMIT_BYTES), content_type)
    if reply.status in _OVERLOADED:
        return TierFailed(Reason.OVERLOADED, retry_after=_seconds_only(reply.retry_after))
    return TierFailed(Reason.SERVER_ERROR if reply.status >= 500 else Reason.REFUSED)


def _seconds_only(retry_after: str | None) -> bytes | None:
    return retry_after.encode() if retry_after and retry_after.isascii() and retry_after.isdigit() else None
