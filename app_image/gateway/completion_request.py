"""A client's chat completion request: read just enough to route it, and rewritten for each tier.

Values that the gateway does not understand pass as the bytes they came in. Whether they are valid is for the
upstream to say.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from gateway.errors import invalid_body, model_not_found

Fields = dict[str, msgspec.Raw]


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """What decides how a request is answered, and the bytes it came in."""

    body: bytes
    model: str
    stream: bool
    stream_options: dict[str, Any]
    wanted_choices: int

    @property
    def wants_usage(self) -> bool:
        """Whether a stream should carry a last chunk with the usage."""
        return bool(self.stream_options.get("include_usage"))

    def fields(self) -> Fields:
        """All top-level fields, values untouched."""
        return _FIELDS.decode(self.body)


def parse(body: bytes, served_model: str) -> CompletionRequest:
    """Raises ApiError 400 for what is not a request, 404 for a model that is not served."""
    try:
        shape = _SHAPE.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise invalid_body(str(error)) from None
    if shape.model != served_model:
        raise model_not_found(shape.model)
    return CompletionRequest(body, shape.model, bool(shape.stream), shape.stream_options or {}, shape.n or 1)


def raw(value: Any) -> msgspec.Raw:
    """A value to put into `Fields`."""
    return msgspec.Raw(msgspec.json.encode(value))


def encode(fields: Fields) -> bytes:
    return msgspec.json.encode(fields)


class _Shape(msgspec.Struct):
    model: str
    messages: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    n: Annotated[int, msgspec.Meta(ge=1)] | None = None


_SHAPE = msgspec.json.Decoder(_Shape)
_FIELDS = msgspec.json.Decoder(Fields)
