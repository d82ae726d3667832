"""Answers as one JSON object: which are worth keeping, and what they say of tokens when they are given again."""

import msgspec

from gateway.whole_answer import Fields, read_whole

NO_USAGE = msgspec.Raw(b'{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}')
_FIELDS = msgspec.json.Decoder(Fields)


def is_good(body: bytes) -> bool:
    """Whether every choice is there and ended as an answer should."""
    answer = read_whole(body)
    return answer is not None and all(choice.is_good for choice in answer.choices)


def without_usage(body: bytes) -> bytes:
    """The same answer, which costs nothing this time. Raises msgspec.MsgspecError for what is none."""
    fields = _FIELDS.decode(body)
    fields["usage"] = NO_USAGE
    return msgspec.json.encode(fields)
