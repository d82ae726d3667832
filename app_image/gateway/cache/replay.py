"""A whole answer as the stream that a client asked for."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from gateway.endpoints import Endpoint
from gateway.sse import DONE, event

_Fields = dict[str, Any]
_ENVELOPE = ("id", "created", "model", "system_fingerprint", "service_tier")
_ENDING = ("finish_reason", "stop_reason")
_SAID_APART = ("message", *_ENDING)


class _Choice(msgspec.Struct):
    """What its endpoint's choices must have; the rest passes unseen."""

    finish_reason: str


class _ChatChoice(_Choice):
    message: _Fields


class _TextChoice(_Choice):
    text: str


class _Answer(msgspec.Struct):
    choices: Annotated[list[_Fields], msgspec.Meta(min_length=1)]
    usage: _Fields | None = None


def replay(body: bytes, endpoint: Endpoint, *, wants_usage: bool) -> bytes:
    """All events, [DONE] included: what a choice says, then why it ended, and at the end the usage if it is wanted and
    known. Raises msgspec.MsgspecError for what is no answer of that endpoint, so ask before the stream begins."""
    fields = msgspec.json.decode(body, type=_Fields)
    answer = msgspec.convert(fields, _Answer)
    head = {name: fields[name] for name in _ENVELOPE if name in fields} | {"object": endpoint.chunk_object}
    pieces = [piece for choice in answer.choices for piece in (_chat(choice) if endpoint.is_chat else _text(choice))]
    chunks = [head | {"choices": [piece]} for piece in pieces]
    if wants_usage and answer.usage is not None:
        chunks.append(head | {"choices": [], "usage": answer.usage})
    return b"".join(event(msgspec.json.encode(chunk)) for chunk in chunks) + event(DONE)


def _chat(choice: _Fields) -> Iterator[_Fields]:
    message = msgspec.convert(choice, _ChatChoice).message
    said = {name: value for name, value in choice.items() if name not in _SAID_APART}
    yield said | {"delta": _delta(message), "finish_reason": None}
    yield {"index": choice.get("index", 0), "delta": {}} | {name: choice[name] for name in _ENDING if name in choice}


def _delta(message: _Fields) -> _Fields:
    delta = {name: value for name, value in message.items() if value is not None}
    if "tool_calls" in delta:
        calls = msgspec.convert(delta["tool_calls"], list[_Fields])
        delta["tool_calls"] = [{"index": index, **call} for index, call in enumerate(calls)]
    return delta


def _text(choice: _Fields) -> Iterator[_Fields]:
    msgspec.convert(choice, _TextChoice)
    yield choice
