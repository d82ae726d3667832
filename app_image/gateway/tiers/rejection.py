"""What an answer that is not 200 means. Pure, once its body was read."""

import re
import time
from email.utils import parsedate_to_datetime

from gateway.errors import error_body
from gateway.outcome import Reason
from gateway.tiers.errors import TierFailed, TierRejected
from gateway.tiers.provider import Provider

BODY_LIMIT_BYTES = 64 * 1024
_JSON = b"application/json"
_TEXT = b"text/plain; charset=utf-8"
# vLLM and OpenAI both say "maximum context length is 8192 tokens"; only OpenAI has a code for it.
_CONTEXT = re.compile(rb"maximum context length (?:is|of) (\d{1,9}) tokens")


def failure(provider: Provider, status: int, content_type: str, retry_after: str | None) -> TierFailed | None:
    """None: it is an opinion about the request, which its body tells."""
    if status in provider.rejections:
        return None
    if status == 429:
        return TierFailed(Reason.RATE_LIMITED, retry_after_seconds=seconds_of(retry_after))
    # Any other 503 comes from something in front of it that could not reach it.
    if status == 503 and "json" in content_type:
        return TierFailed(Reason.OVERLOADED, retry_after_seconds=seconds_of(retry_after))
    return TierFailed(Reason.SERVER_ERROR if status >= 500 or status == 408 else Reason.REFUSED)


def rejection(status: int, content_type: str, body: bytes) -> TierRejected:
    """vLLM repeats in its answer what it could not read of a request, however long that is."""
    found = _CONTEXT.search(body)
    if len(body) > BODY_LIMIT_BYTES:
        body, content_type = _shortened(status), "application/json"
    kind = _JSON if "json" in content_type else _TEXT
    return TierRejected(status, body, kind, int(found[1]) if found else None)


def seconds_of(retry_after: str | None, now: float | None = None) -> int | None:
    """RFC 9110: a number of seconds or a date. None for neither, and for what is over."""
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return int(retry_after[:9]) or None
    try:
        left = parsedate_to_datetime(retry_after).timestamp() - (time.time() if now is None else now)
    except (ValueError, OverflowError):
        return None
    return int(left) + 1 if left > 0 else None


def _shortened(status: int) -> bytes:
    message = (
        f"The model's server says {status} to this request, and more than {BODY_LIMIT_BYTES} bytes about why; send a "
        "smaller one that is wrong in the same way to see what it says."
    )
    return error_body(message, kind="invalid_request_error")
