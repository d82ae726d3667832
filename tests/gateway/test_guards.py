"""What is refused before anybody is asked, and what is asked for instead."""

import json
from typing import Any

import msgspec
import pytest
from gateway.errors import ApiError
from gateway.guards import check_depth, check_prompt, output_limit
from hypothesis import given, settings
from hypothesis import strategies as st

EXAMPLES = settings(max_examples=150, deadline=None, database=None)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='[]{}"\\a\n', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='[{"\\', max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


def depth(value: Any) -> int:
    """As its definition says it."""
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def refused(body: bytes, limit: int) -> bool:
    try:
        check_depth(body, limit)
    except ApiError:
        return True
    return False


def prompt_refused(value: Any, limit: int | None) -> bool:
    try:
        check_prompt(msgspec.Raw(json.dumps(value).encode()), limit)
    except ApiError:
        return True
    return False


def characters(value: Any) -> int:
    """The smallest limit that lets it pass."""
    text = json.dumps(value)
    return next(limit for limit in range(len(text) + 1) if not prompt_refused(value, limit))


@EXAMPLES
@given(value=VALUES, limit=st.integers(0, 6), indent=st.none() | st.just(1))
def test_a_body_is_refused_exactly_when_it_is_nested_deeper_than_the_limit(
    value: Any, limit: int, indent: int | None
) -> None:
    assert refused(json.dumps(value, indent=indent).encode(), limit) == (depth(value) > limit)


@EXAMPLES
@given(body=st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\\", b":", b"a", b"\xff"])).map(b"".join))
def test_what_is_not_json_is_refused_or_left_to_the_parser(body: bytes) -> None:
    refused(body, 2)


def test_the_refusal_names_the_limit_and_the_depth() -> None:
    with pytest.raises(ApiError, match="nested 65 levels deep, and 64 are allowed") as refusal:
        check_depth(b"[" * 65 + b"]" * 65, 64)
    assert refusal.value.status == 400
    assert json.loads(refusal.value.body)["error"]["code"] == "nested_too_deep"


PROMPTS = [
    ("Hi", 2),
    (["Hi", "you"], 5),
    ([1, 20, 300], 3),
    ([[1, 2], [3]], 3),
    ([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "you"}], 5),
    ([{"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "you"}]}], 5),
    ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:abc"}}, {"text": "Hi"}]}], 2),
    ([{"role": "assistant", "content": None, "tool_calls": []}], 0),
    ([{"content": "äöü"}], 3),
    ([{"content": "\U0001f600"}], 1),
    ([{"content": "\ud800Hi"}], 3),
    ([{"content": "Hi"}, None, True, 1.5, {"content": {"a": 1}}], 2),
    ({"role": "user"}, 0),
]


@pytest.mark.parametrize(("prompt", "expected"), PROMPTS)
def test_text_is_counted_in_characters_and_token_ids_count_one_each(prompt: Any, expected: int) -> None:
    assert characters(prompt) == expected


def test_a_prompt_as_long_as_the_limit_passes_and_one_character_more_does_not() -> None:
    check_prompt(b'[{"content": "0123456789"}]', 10)
    with pytest.raises(ApiError, match="has 11 characters, and this deployment takes 10") as refusal:
        check_prompt(b'[{"content": "0123456789a"}]', 10)
    assert refusal.value.status == 400
    assert json.loads(refusal.value.body)["error"]["code"] == "prompt_too_long"


def test_without_a_limit_no_prompt_is_too_long() -> None:
    assert not prompt_refused("a" * 1_000_000, None)


@pytest.mark.parametrize("prompt", [b"", b"[1,", b'"\xff\xff"', b"[" * 100_000, b"9" * 5_000])
def test_a_prompt_that_is_not_json_is_left_to_the_upstream(prompt: bytes) -> None:
    check_prompt(prompt, 0)


@pytest.mark.parametrize(
    ("asked", "limit", "instead"),
    [
        (None, None, None),
        (5000, None, None),
        (None, 100, 100),
        (101, 100, 100),
        (100, 100, None),
        (1, 100, None),
        (-9, 100, None),
    ],
)
def test_the_output_is_limited_only_where_more_or_nothing_is_asked(
    asked: int | None, limit: int | None, instead: int | None
) -> None:
    assert output_limit(asked, limit) == instead
