"""What upstreams say to POST /v1/completions: texts, whose pieces have the shape of the whole."""

from collections.abc import Sequence
from typing import Any

from tests.gateway import speech
from tests.gateway.upstream import Script

LOGPROBS = {"text_offset": [0], "token_logprobs": [-0.1], "tokens": ["Hel"], "top_logprobs": [{"Hel": -0.1}]}
"""Of one token, as vLLM streams them."""


def piece(text: str, *, finish: str | None = None, index: int = 0, logprobs: Any = None) -> dict[str, Any]:
    return {
        "id": "cmpl-1",
        "object": "text_completion",
        "created": 1700000000,
        "model": speech.MODEL,
        "choices": [{"index": index, "text": text, "logprobs": logprobs, "finish_reason": finish}],
    }


def usage() -> dict[str, Any]:
    return {**piece(""), "choices": [], "usage": speech.USAGE}


def streamed(*words: str, finish: str = "stop", logprobs: Any = None, choices: int = 1) -> Script:
    """A stream of `choices` choices that all say the same; the reason to finish comes with no text, as vLLM says it."""
    said = [(word, None) for word in words or ("Hel", "lo")]
    pieces = [
        piece(word, finish=end, index=index, logprobs=logprobs if word else None)
        for word, end in [*said, ("", finish)]
        for index in range(choices)
    ]
    return [speech.HEAD, *map(speech.sse, [*pieces, usage()]), speech.DONE + speech.END]


def prompts(prompt: str | Sequence[Any]) -> int:
    """How many texts are continued: a list of token ids is one."""
    several = isinstance(prompt, list) and not isinstance(prompt[0], int)
    return len(prompt) if several else 1
