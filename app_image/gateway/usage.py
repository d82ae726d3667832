"""How many tokens a request took: as its upstream says, or estimated where it cannot say any more. Pure."""

from typing import Any, NamedTuple

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


def reported(usage: dict[str, Any]) -> Tokens:
    """As the upstream says; what is no count is none."""
    return Tokens(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def estimated(prompt_bytes: int, completion_tokens: int) -> Tokens:
    """`prompt_bytes`: of the request's body."""
    return Tokens(-(-prompt_bytes // BYTES_A_TOKEN), completion_tokens, is_estimate=True)


def _count(value: Any) -> int:
    return value if type(value) is int and value > 0 else 0
