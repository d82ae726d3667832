"""The shape of a chat completion, for both fake upstreams: the question, the chunks, the whole answer, SSE.

No timing and no faults here; each fake has its own.
"""

import json
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from rehearsal.answers import LONGEST_ANSWER_TOKENS, answer, prompt_of

EVENT_STREAM = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
DONE = b"data: [DONE]\n\n"


class QuestionInvalid(Exception):
    """The body is not a chat completion request; the text is the message for the client."""


@dataclass(frozen=True)
class Question:
    """What a client asks for. `tokens` is the whole right answer."""

    request_id: str
    model: str
    is_stream: bool
    wants_usage: bool
    tokens: tuple[str, ...]
    prompt_token_count: int
    is_limited: bool
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def completion_id(self) -> str:
        return f"chatcmpl-{self.request_id}"

    @property
    def finish_reason(self) -> str:
        return "length" if self.is_limited else "stop"

    @property
    def usage(self) -> dict[str, int]:
        prompt, completion = self.prompt_token_count, len(self.tokens)
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


async def question(request: web.Request) -> Question:
    """Read the request; a request without an id gets one.

    Raises QuestionInvalid.
    """
    body = _object(await request.read())
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, Mapping) for message in messages):
        raise QuestionInvalid("messages: expected a list of messages")
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or 0
    if not isinstance(limit, int):
        raise QuestionInvalid(f"max_tokens: {limit!r}, expected a whole number")
    options = body.get("stream_options")
    return Question(
        request_id=request.headers.get("x-request-id") or uuid.uuid4().hex,
        model=str(body.get("model", "")),
        is_stream=bool(body.get("stream")),
        wants_usage=isinstance(options, Mapping) and bool(options.get("include_usage")),
        tokens=tuple(answer(prompt_of(messages), limit)),
        prompt_token_count=sum(len(str(message.get("content", "")).split()) for message in messages),
        is_limited=0 < limit < LONGEST_ANSWER_TOKENS,
    )


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise QuestionInvalid(f"the body is not JSON: {error}") from error
    if not isinstance(body, Mapping):
        raise QuestionInvalid("the body is not a JSON object")
    return body


async def events(asked: Question, tokens: AsyncIterator[str]) -> AsyncIterator[bytes]:
    """The answer as server-sent events, each as soon as its token is there.

    As vLLM and OpenAI do: the role comes first in a chunk without text, and only with the first token.
    """
    place = 0
    async for token in tokens:
        if place == 0:
            yield _event(asked, {"role": "assistant", "content": ""})
        place += 1
        yield _event(asked, {"content": token}, asked.finish_reason if place == len(asked.tokens) else None)
    if asked.wants_usage:
        yield _frame({**_head(asked, "chat.completion.chunk"), "choices": [], "usage": asked.usage})
    yield DONE


def whole(asked: Question) -> dict[str, Any]:
    """The answer as one JSON object."""
    message = {"role": "assistant", "content": "".join(asked.tokens)}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": asked.finish_reason}
    return {**_head(asked, "chat.completion"), "choices": [choice], "usage": asked.usage}


def is_connected(request: web.Request) -> bool:
    """Whether the client is still there."""
    return request.transport is not None and not request.transport.is_closing()


def _event(asked: Question, delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return _frame({**_head(asked, "chat.completion.chunk"), "choices": [choice]})


def _head(asked: Question, kind: str) -> dict[str, Any]:
    return {"id": asked.completion_id, "object": kind, "created": asked.created, "model": asked.model}


def _frame(chunk: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"
