"""The one right answer to each prompt, so that the accounting can tell a whole answer from a cut or mixed one.

The text depends on the prompt alone: not on the upstream, the model or the colour. A shorter answer to the
same prompt is the beginning of a longer one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

LONGEST_ANSWER_TOKENS = 24

_ONSETS = ("b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z")
_RHYMES = ("a", "e", "i", "o", "u", "an", "en", "in", "on", "un", "ar", "el", "is", "ol", "um", "ai")


def answer(prompt: str, max_tokens: int) -> list[str]:
    """The tokens of the answer; joined without a separator they are its text. 0 means: no limit was asked for."""
    digest = hashlib.sha256(prompt.encode()).digest()
    words = [_syllable(byte) + _syllable(digest[-1 - place]) for place, byte in enumerate(digest)]
    wanted = min(max_tokens if max_tokens > 0 else LONGEST_ANSWER_TOKENS, LONGEST_ANSWER_TOKENS)
    return [word if place == 0 else f" {word}" for place, word in enumerate(words[:wanted])]


def prompt_of(messages: Sequence[Mapping[str, Any]]) -> str:
    """The text of the last user message, whose content may be a string or a list of parts."""
    contents = [message.get("content") for message in messages if message.get("role") == "user"]
    return _text(contents[-1]) if contents else ""


def _syllable(byte: int) -> str:
    return _ONSETS[byte >> 4] + _RHYMES[byte & 15]


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return content if isinstance(content, str) else ""
