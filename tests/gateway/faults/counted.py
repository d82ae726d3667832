"""What the metrics must say after one cell of the table, and nothing beside it."""

from gateway.outcome import Reason, StatusClass, TierName

from tests.gateway.faults.expected import Expected, Sees

_ENDED = {
    Sees.ANSWER: StatusClass.SUCCESS,
    Sees.NEXT: StatusClass.SUCCESS,
    Sees.BROKEN: StatusClass.INCOMPLETE,
    Sees.REFUSAL: StatusClass.CLIENT_ERROR,
    Sees.NOTHING: StatusClass.SERVER_ERROR,
}
_CODES = {Sees.BROKEN: "stream_incomplete", Sees.NOTHING: "overloaded"}
_ORDER = (TierName.VLLM, TierName.OPENAI, TierName.CACHE, None)


def of(tier: TierName, expected: Expected) -> dict[str, float]:
    """By how much each counter rises when `tier` is the faulty one."""
    found = {request(_ENDED[expected.sees], answers(tier, expected)): 1}
    found |= {fallback(left, _after(left), Reason.OVERLOADED): 1 for left in _ORDER[: _ORDER.index(tier)] if left}
    if expected.sees in (Sees.NEXT, Sees.NOTHING) and expected.reason is not None:
        found[fallback(tier, _after(tier), expected.reason)] = 1
    if expected.asked > 1:
        found[f'switchyard_retries_total{{tier="{tier}"}}'] = expected.asked - 1
    if expected.sees in _CODES:
        found[f'switchyard_errors_total{{code="{_CODES[expected.sees]}"}}'] = 1
    if expected.sees is Sees.BROKEN:  # it never came to say how many tokens it took
        found[f'switchyard_usage_missing_total{{tier="{tier}"}}'] = 1
    lookup = "hit" if answers(tier, expected) is TierName.CACHE else expected.lookup
    if lookup:
        found[f'switchyard_cache_lookups_total{{result="{lookup}"}}'] = 1
    return {name: float(times) for name, times in found.items()}


def answers(tier: TierName, expected: Expected) -> TierName | None:
    """Whose answer the client gets when `tier` is the faulty one."""
    if expected.sees is Sees.NOTHING:
        return None
    return _after(tier) if expected.sees is Sees.NEXT else tier


def first_reason(tier: TierName, expected: Expected) -> Reason | None:
    """What the client is told of why it fell over: the first reason of all."""
    if tier is not TierName.VLLM:
        return Reason.OVERLOADED
    return expected.reason if expected.sees is Sees.NEXT else None


def fallback(left: TierName, to: TierName | None, reason: Reason) -> str:
    return f'switchyard_fallbacks_total{{from="{left}",reason="{reason}",to="{to or "none"}"}}'


def request(ended: StatusClass, tier: TierName | None) -> str:
    labels = f'route="chat_completions",status_class="{ended}",tier="{tier or "none"}"'
    return f"switchyard_requests_total{{{labels}}}"


def _after(tier: TierName) -> TierName | None:
    return _ORDER[_ORDER.index(tier) + 1]
