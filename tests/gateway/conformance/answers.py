"""One answer of each kind that the chat API knows, as an upstream streams it and as it gives it whole."""

from typing import Any

from tests.gateway import speech
from tests.gateway.upstream import Script

Delta = dict[str, Any]

TOKEN = {"token": "Hi", "logprob": -0.1, "bytes": [72, 105], "top_logprobs": []}
LOGPROBS: dict[str, Any] = {
    "content": [{**TOKEN, "top_logprobs": [{"token": "Hi", "logprob": -0.1, "bytes": None}]}],
    "refusal": None,
}


def call(index: int, identity: str, arguments: str) -> Delta:
    function = {"name": "weather", "arguments": arguments}
    return {"tool_calls": [{"index": index, "id": identity, "type": "function", "function": function}]}


def more(index: int, arguments: str) -> Delta:
    return {"tool_calls": [{"index": index, "function": {"arguments": arguments}}]}


DELTAS: dict[str, list[Delta]] = {
    "text": [{"content": "Hel"}, {"content": "lo"}],
    "nothing": [],
    "refusal": [{"refusal": "I will "}, {"refusal": "not."}],
    "tool call": [call(0, "call_1", ""), more(0, '{"place":'), more(0, '"Rome"}')],
    "two tool calls": [call(0, "call_1", ""), more(0, "{}"), call(1, "call_2", ""), more(1, "{}")],
    "text and a tool call": [{"content": "Let me see."}, call(0, "call_1", "{}")],
}
"""What a choice says, piece by piece."""

FINISHES = ("stop", "length", "content_filter")


def streamed(
    *deltas: Delta, finish: str = "stop", logprobs: Any = None, choices: int = 1, model: str = speech.MODEL
) -> Script:
    """A stream of `choices` choices that all say the same."""
    said = [({"role": "assistant", "content": ""}, None), *((delta, None) for delta in deltas), ({}, finish)]
    chunks = [
        _with(speech.chunk(delta, finish=end, index=index, model=model), logprobs if delta.get("content") else None)
        for delta, end in said
        for index in range(choices)
    ]
    return [speech.HEAD, *map(speech.sse, chunks), speech.usage(model), speech.DONE + speech.END]


def finish_of(deltas: list[Delta]) -> str:
    return "tool_calls" if any("tool_calls" in delta for delta in deltas) else "stop"


def whole(message: dict[str, Any], finish: str = "stop", logprobs: Any = None) -> Script:
    """The same in one piece, as OpenAI answers a client that does not stream."""
    told = {"role": "assistant", "content": None, "refusal": None, **message}
    choice = {"index": 0, "message": told, "logprobs": logprobs, "finish_reason": finish}
    head = {"id": "chatcmpl-2", "object": "chat.completion", "created": 1700000000, "model": speech.OPENAI_MODEL}
    return speech.response(200, {**head, "choices": [choice], "usage": speech.USAGE})


def _with(chunk: dict[str, Any], logprobs: Any) -> dict[str, Any]:
    for choice in chunk["choices"]:
        choice["logprobs"] = logprobs
    return chunk
