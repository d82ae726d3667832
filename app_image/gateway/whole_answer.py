"""Answers that came, or are kept, as one JSON object: what tells one from something else."""

from typing import Annotated, Any

import msgspec

from gateway.utf8 import check_utf8

Fields = dict[str, msgspec.Raw]
BROKEN_ENDS = frozenset({"abort", "error"})
"""How vLLM (vllm/v1/engine, FinishReason) says that it gave up an answer: what came of it is not the whole."""

_GOOD_ENDS = frozenset({"stop", "length", "tool_calls", "function_call"})


class WholeChoice(msgspec.Struct):
    """One choice, of a chat or of a text."""

    finish_reason: str
    message: Fields | None = None
    text: str | None = None

    @property
    def is_good(self) -> bool:
        """It says something and ended as an answer should: nothing was filtered, aborted or left out."""
        return self.finish_reason in _GOOD_ENDS and (self.message is not None or self.text is not None)


class WholeAnswer(msgspec.Struct):
    """What both endpoints' answers have."""

    choices: Annotated[list[WholeChoice], msgspec.Meta(min_length=1)]
    usage: dict[str, Any] | None = None
    model: str | None = None


def read_whole(body: bytes) -> WholeAnswer | None:
    """None for what is no answer."""
    try:
        check_utf8(body)
        answer = _ANSWER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return answer if all(choice.message or choice.text is not None for choice in answer.choices) else None


_ANSWER = msgspec.json.Decoder(WholeAnswer)
