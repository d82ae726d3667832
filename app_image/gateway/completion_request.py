"""A client's request for a completion, of a chat or of a text: read just enough to route it.

Values that the gateway does not understand pass as the bytes they came in. Whether they are valid is for the
upstream to say.
"""

from typing import Annotated, Any

import msgspec

from gateway.endpoints import Endpoint
from gateway.errors import invalid_body
from gateway.utf8 import check_utf8

Fields = dict[str, msgspec.Raw]


class CompletionRequest(msgspec.Struct, frozen=True):
    """What decides how a request is answered, and the bytes it came in. `max_tokens`: of each choice, as asked for."""

    body: bytes
    endpoint: Endpoint
    model: str
    stream: bool
    stream_options: dict[str, Any]
    wanted_choices: int
    max_tokens: int | None

    @property
    def wants_usage(self) -> bool:
        """Whether a stream should carry a last chunk with the usage."""
        return bool(self.stream_options.get("include_usage"))

    def fields(self) -> Fields:
        """All top-level fields, values untouched."""
        return _FIELDS.decode(self.body)


def parse(body: bytes, endpoint: Endpoint) -> CompletionRequest:
    """Raises ApiError 400 for what is not a request."""
    try:
        check_utf8(body)
        return (_chat if endpoint.is_chat else _text)(body, endpoint)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise invalid_body(str(error)) from None


def raw(value: Any) -> msgspec.Raw:
    """A value to put into `Fields`."""
    return msgspec.Raw(msgspec.json.encode(value))


def encode(fields: Fields) -> bytes:
    return msgspec.json.encode(fields)


_Count = Annotated[int, msgspec.Meta(ge=1, le=1024)]
# Beyond any context, and small enough to be counted in a table.
_Tokens = Annotated[int, msgspec.Meta(le=2**31 - 1)]


class _Shape(msgspec.Struct):
    model: str
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    n: _Count | None = None
    max_tokens: _Tokens | None = None


class _Chat(_Shape, kw_only=True):
    messages: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]
    max_completion_tokens: _Tokens | None = None


class _Text(_Shape, kw_only=True):
    prompt: msgspec.Raw


def _chat(body: bytes, endpoint: Endpoint) -> CompletionRequest:
    shape = _CHAT.decode(body)
    asked = shape.max_completion_tokens if shape.max_completion_tokens is not None else shape.max_tokens
    return _request(body, endpoint, shape, 1, asked)


def _text(body: bytes, endpoint: Endpoint) -> CompletionRequest:
    shape = _TEXT.decode(body)
    return _request(body, endpoint, shape, _prompts(bytes(shape.prompt)), shape.max_tokens)


def _request(body: bytes, endpoint: Endpoint, shape: _Shape, prompts: int, asked: int | None) -> CompletionRequest:
    options = shape.stream_options or {}
    return CompletionRequest(body, endpoint, shape.model, bool(shape.stream), options, (shape.n or 1) * prompts, asked)


def _prompts(prompt: bytes) -> int:
    """A list of texts, or of lists of tokens, asks for an answer to each; a list of tokens is one prompt."""
    if not prompt.startswith(b"["):
        return 1
    parts = _LIST.decode(prompt)
    return max(1, sum(bytes(part)[:1] in (b'"', b"[") for part in parts))


_CHAT = msgspec.json.Decoder(_Chat)
_TEXT = msgspec.json.Decoder(_Text)
_FIELDS: msgspec.json.Decoder[Fields] = msgspec.json.Decoder(Fields)
_LIST: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])
