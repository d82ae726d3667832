"""Puts the chunks of a stream together into the one answer that a non-streaming client asked for.

Whether the stream is whole is decided by gateway.chunks.
"""

from typing import Any

import msgspec

from gateway.chunks import Choice, Chunk
from gateway.endpoints import Endpoint

_LOGPROBS: dict[str, Any] = {"content": None, "refusal": None}
"""A chat's published answer has both, of which a stream may tell one only."""


class FunctionDelta(msgspec.Struct):
    """A piece of a function call."""

    name: str | None = None
    arguments: str | None = None


class CustomDelta(msgspec.Struct):
    """A piece of a call of a custom tool, which takes text."""

    name: str | None = None
    input: str | None = None


class ToolCallDelta(msgspec.Struct):
    """A piece of a tool call; `index` says of which."""

    index: int = 0
    id: str | None = None
    type: str | None = None
    function: FunctionDelta | None = None
    custom: CustomDelta | None = None


class Assembler:
    """One answer in the making."""

    __slots__ = ("_choices", "_endpoint", "_first", "_usage")

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._first: Chunk | None = None
        self._choices: dict[int, _ChoiceParts] = {}
        self._usage: dict[str, Any] | None = None

    def add(self, chunk: Chunk) -> None:
        """Raises msgspec.ValidationError for tool calls of a shape that nobody could read."""
        if self._first is None:
            self._first = chunk
        if chunk.usage is not None:
            self._usage = chunk.usage
        for choice in chunk.choices or ():
            parts = self._choices.get(choice.index)
            if parts is None:
                parts = self._choices[choice.index] = _ChoiceParts()
            parts.add(choice)

    def body(self) -> bytes:
        """The answer as JSON."""
        first = self._first or Chunk()
        answer: dict[str, Any] = {
            "id": first.id,
            "object": self._endpoint.answer_object,
            "created": first.created,
            "model": first.model,
            "choices": self._whole_choices(),
        }
        if self._usage is not None:
            answer["usage"] = self._usage
        if first.system_fingerprint is not None:
            answer["system_fingerprint"] = first.system_fingerprint
        if first.service_tier is not None:
            answer["service_tier"] = first.service_tier
        return msgspec.json.encode(answer)

    def _whole_choices(self) -> list[dict[str, Any]]:
        whole = _ChoiceParts.chat if self._endpoint.is_chat else _ChoiceParts.text
        return [whole(self._choices[index], index) for index in sorted(self._choices)]


class _ChoiceParts:
    """The deltas of one choice."""

    __slots__ = ("_finish_reason", "_logprobs", "_other", "_stop_reason", "_texts", "_tool_calls")

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._tool_calls: dict[int, dict[str, Any]] = {}
        self._other: dict[str, Any] = {}
        self._logprobs: dict[str, list[Any]] = {}
        self._finish_reason: str | None = None
        self._stop_reason: int | str | None = None

    def add(self, choice: Choice) -> None:
        if choice.text:
            self._texts.setdefault("text", []).append(choice.text)
        for key, value in choice.delta.items():
            self._add_field(key, value)
        for key, tokens in (choice.logprobs or {}).items():
            if tokens:
                self._logprobs.setdefault(key, []).extend(tokens)
        if choice.finish_reason is not None:
            self._finish_reason = choice.finish_reason
        if choice.stop_reason is not None:
            self._stop_reason = choice.stop_reason

    def chat(self, index: int) -> dict[str, Any]:
        logprobs = _LOGPROBS | self._logprobs if self._logprobs else None
        return self._choice(index, {"message": self._message(), "logprobs": logprobs})

    def text(self, index: int) -> dict[str, Any]:
        said = "".join(self._texts.get("text", ()))
        return self._choice(index, {"text": said, "logprobs": self._logprobs or None})

    def _choice(self, index: int, said: dict[str, Any]) -> dict[str, Any]:
        choice = {"index": index, **said, "finish_reason": self._finish_reason}
        if self._stop_reason is not None:
            choice["stop_reason"] = self._stop_reason
        return choice

    def _message(self) -> dict[str, Any]:
        texts = {key: "".join(parts) for key, parts in self._texts.items()}
        message: dict[str, Any] = {"role": "assistant", "content": "", **self._other, **texts}
        if self._tool_calls:
            message["content"] = message["content"] or None
            message["tool_calls"] = [self._tool_calls[position] for position in sorted(self._tool_calls)]
        return message

    def _add_field(self, key: str, value: Any) -> None:
        if key == "role" or value is None:
            return
        if key == "tool_calls":
            for call in msgspec.convert(value, list[ToolCallDelta]):
                self._add_tool_call(call)
        elif key == "function_call":
            function = self._other.setdefault(key, {"name": None, "arguments": ""})
            _add_function(function, msgspec.convert(value, FunctionDelta))
        elif isinstance(value, str):
            self._texts.setdefault(key, []).append(value)
        else:
            self._other[key] = value

    def _add_tool_call(self, delta: ToolCallDelta) -> None:
        call = self._tool_calls.setdefault(delta.index, {"id": None, "type": "custom" if delta.custom else "function"})
        call["id"] = delta.id or call["id"]
        call["type"] = delta.type or call["type"]
        if delta.custom is not None:
            _add_custom(call.setdefault("custom", {"name": None, "input": ""}), delta.custom)
        else:
            _add_function(call.setdefault("function", {"name": None, "arguments": ""}), delta.function)


def _add_function(function: dict[str, Any], delta: FunctionDelta | None) -> None:
    if delta is not None:
        function["name"] = delta.name or function["name"]
        function["arguments"] += delta.arguments or ""


def _add_custom(custom: dict[str, Any], delta: CustomDelta) -> None:
    custom["name"] = delta.name or custom["name"]
    custom["input"] += delta.input or ""
