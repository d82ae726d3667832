"""What a client hears when its key has used up what it may use."""

from decimal import Decimal

from gateway.errors import ApiError, ErrorCode, Header, Limit

_NEVER_AGAIN: Header = (b"x-should-retry", b"false")
"""What the official client obeys, which else repeats every 429."""


def limit_reached(unit: Limit, limit: int, asked: int, remaining: int, reset_seconds: int) -> ApiError:
    """`unit`: requests or tokens. It is a matter of seconds."""
    headers = (
        (b"retry-after", b"%d" % reset_seconds),
        (f"x-ratelimit-limit-{unit}".encode(), b"%d" % limit),
        (f"x-ratelimit-remaining-{unit}".encode(), b"%d" % max(remaining, 0)),
        (f"x-ratelimit-reset-{unit}".encode(), b"%ds" % reset_seconds),
    )
    message = (
        f"This key may use {limit} {unit} a minute; {max(remaining, 0)} are left to all of its requests and "
        f"{asked} were asked for. Try again in {reset_seconds} s."
    )
    return ApiError(429, message, kind=unit, code=ErrorCode.RATE_LIMIT_EXCEEDED, headers=headers, limit=unit)


def request_too_large(limit: int, asked: int) -> ApiError:
    message = (
        f"This request may use {asked} tokens, but the key may use {limit} a minute: shorten the prompt or lower "
        "max_tokens."
    )
    return ApiError(
        429,
        message,
        kind=Limit.TOKENS,
        code=ErrorCode.RATE_LIMIT_EXCEEDED,
        headers=(_NEVER_AGAIN,),
        limit=Limit.TOKENS,
    )


def budget_spent(budget_usd: Decimal) -> ApiError:
    message = f"This key has spent its ${budget_usd:f} for this month (UTC); whoever runs this service can raise that."
    return ApiError(
        429,
        message,
        kind="insufficient_quota",
        code=ErrorCode.INSUFFICIENT_QUOTA,
        headers=(_NEVER_AGAIN,),
        limit=Limit.BUDGET,
    )
