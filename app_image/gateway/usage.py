"""How many tokens a request took: as its upstream says, or estimated where it cannot say any more. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from gateway.outcome import TierName

# No request takes so many; a sum of such numbers would end a budget for good, and a larger one is none for a meter.
_MOST_TOKENS = 2**31 - 1
BYTES_A_TOKEN = 4
"""Of English text and JSON, roughly (OpenAI's own rule of thumb is four characters)."""


class Tokens(NamedTuple):
    """`is_estimate`: of an answer that broke off before it told."""

    prompt: int
    completion: int
    is_estimate: bool = False

    @property
    def total(self) -> int:
        return self.prompt + self.completion


class Said(NamedTuple):
    """What a tier has said to a request, whole or not: `pieces` are about as many as tokens; `usage` as it told."""

    tier: TierName
    model: str
    pieces: int
    usage: dict[str, Any] | None


def reported(usage: dict[str, Any]) -> Tokens:
    """As the upstream says; what is no count is none."""
    return Tokens(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def estimated(prompt_bytes: int, completion_tokens: int) -> Tokens:
    """`prompt_bytes`: of the request's body."""
    return Tokens(-(-prompt_bytes // BYTES_A_TOKEN), completion_tokens, is_estimate=True)


def total(taken: Sequence[Tokens]) -> Tokens:
    """Of all answers of one request."""
    if len(taken) == 1:
        return taken[0]
    return Tokens(
        sum(tokens.prompt for tokens in taken),
        sum(tokens.completion for tokens in taken),
        any(tokens.is_estimate for tokens in taken),
    )


def _count(value: Any) -> int:
    return value if type(value) is int and 0 < value <= _MOST_TOKENS else 0
