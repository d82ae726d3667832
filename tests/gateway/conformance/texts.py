"""What upstreams say to POST /v1/completions: texts, whose pieces have the shape of the whole."""

import io
import json
from typing import Any

from gateway.settings import OpenAiAccount

from tests.gateway import speech
from tests.gateway.stage import Answered, Stage
from tests.gateway.upstream import Script

LOGPROBS: dict[str, list[Any]] = {
    "text_offset": [0],
    "token_logprobs": [-0.1],
    "tokens": ["Hel"],
    "top_logprobs": [{"Hel": -0.1}],
}
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


def prompts(prompt: Any) -> int:
    """How many texts are continued: a list of token ids is one. 0: that is no prompt."""
    if isinstance(prompt, str):
        return 1
    if not isinstance(prompt, list):
        return 0
    kinds = {type(part) for part in prompt}
    if kinds and kinds <= {int, float}:  # JSON Schema calls 1.0 an integer
        return 1
    return len(prompt) if kinds in ({str}, {list}) else 0


async def ask(stage: Stage, *, headers: dict[str, str] | None = None, **fields: Any) -> Answered:
    """A text completion request."""
    body = json.dumps({"model": speech.MODEL, "prompt": "Hi", **fields}).encode()
    return await stage.request("POST", "/v1/completions", data=io.BytesIO(body), headers=headers)


def account(stage: Stage) -> OpenAiAccount:
    """A paid tier that continues texts."""
    return OpenAiAccount(f"{stage.openai.url}/v1", "gpt-4o", "sk-openai", completions_model="gpt-3.5-turbo-instruct")
