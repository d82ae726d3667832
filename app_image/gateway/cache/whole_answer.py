"""Answers as one JSON object: which are worth keeping, and what they say of tokens when they are given again."""

from typing import Annotated

import msgspec

Fields = dict[str, msgspec.Raw]

NO_USAGE = msgspec.Raw(b'{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}')
_GOOD_ENDS = frozenset({"stop", "length", "tool_calls", "function_call"})


class _Choice(msgspec.Struct):
    finish_reason: str
    message: Fields | None = None
    text: str | None = None

    @property
    def is_good(self) -> bool:
        return self.finish_reason in _GOOD_ENDS and (self.message is not None or self.text is not None)


class _Answer(msgspec.Struct):
    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1)]


_ANSWER = msgspec.json.Decoder(_Answer)
_FIELDS = msgspec.json.Decoder(Fields)


def is_good(body: bytes) -> bool:
    """Whether every choice is there and ended as an answer should: nothing was filtered, aborted or left out."""
    try:
        return all(choice.is_good for choice in _ANSWER.decode(body).choices)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False


def without_usage(body: bytes) -> bytes:
    """The same answer, which costs nothing this time. Raises msgspec.MsgspecError for what is none."""
    fields = _FIELDS.decode(body)
    fields["usage"] = NO_USAGE
    return msgspec.json.encode(fields)
