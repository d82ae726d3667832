"""Limits on what is asked, checked before anybody is asked. All are linear in the size of the body."""

import json
from itertools import accumulate
from typing import Any

import msgspec

from gateway.errors import ApiError, ErrorCode, Limit

_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# As signed bytes: an opening bracket is 1, a closing one is -1.
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")


def check_depth(body: bytes, limit: int) -> None:
    """Raises ApiError 400 when arrays and objects are nested deeper than `limit`.

    JSON that is not valid is measured as far as a parser would get, at least.
    """
    if body.count(b"[") + body.count(b"{") <= limit:
        return
    depth = _depth(body)
    if depth > limit:
        raise _nested_too_deep(depth, limit)


def check_prompt(prompt: msgspec.Raw | bytes, limit: int | None) -> None:
    """Raises ApiError 400 when `messages` or `prompt`, as JSON, has more characters of text than `limit`.

    A token's id counts as one character. What is no prompt counts nothing: that is for the upstream to say.
    """
    if limit is None or len(prompt) <= limit:  # in JSON, a character takes at least a byte
        return
    count = _characters_in(bytes(prompt))
    if count > limit:
        raise _prompt_too_long(count, limit)


def output_limit(asked: int | None, limit: int | None) -> int | None:
    """The number of output tokens to ask for instead of `asked`. None: the request may stay as it is."""
    if limit is None or (asked is not None and asked <= limit):
        return None
    return limit


def _depth(body: bytes) -> int:
    # Without escaped backslashes and then escaped quotes, every other piece between quotes is outside of strings.
    outside = b"".join(body.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')[::2])
    steps = outside.translate(_STEPS, _NOT_BRACKETS)
    return max(accumulate(memoryview(steps).cast("b")), default=0)


def _characters_in(prompt: bytes) -> int:
    # vLLM reads requests with this parser; a stricter one would count nothing where vLLM finds a long prompt.
    try:
        return _characters(json.loads(prompt))
    except (ValueError, RecursionError):
        return 0


def _characters(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(map(_characters, value))
    if isinstance(value, dict):
        return _characters(value.get("content")) + _characters(value.get("text"))
    return 1 if type(value) is int else 0


def _nested_too_deep(depth: int, limit: int) -> ApiError:
    return ApiError(
        400,
        f"The request's body is nested {depth} levels deep, and {limit} are allowed; send a flatter one.",
        code=ErrorCode.NESTED_TOO_DEEP,
        limit=Limit.DEPTH,
    )


def _prompt_too_long(count: int, limit: int) -> ApiError:
    return ApiError(
        400,
        f"The prompt has {count} characters, and this deployment takes {limit} at most; shorten it.",
        code=ErrorCode.PROMPT_TOO_LONG,
        limit=Limit.PROMPT,
    )
