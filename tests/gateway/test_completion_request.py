"""What is read of a request, and what is no request."""

import json
from typing import Any

import pytest
from gateway.completion_request import CompletionRequest, parse
from gateway.endpoints import CHAT, TEXT
from gateway.errors import ApiError


def chat(**fields: Any) -> CompletionRequest:
    return parse(json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}], **fields}).encode(), CHAT)


def text(prompt: Any, **fields: Any) -> CompletionRequest:
    return parse(json.dumps({"model": "m", "prompt": prompt, **fields}).encode(), TEXT)


def test_null_means_not_said() -> None:
    request = chat(stream=None, stream_options=None, n=None, max_tokens=None)

    assert (request.stream, request.wants_usage, request.wanted_choices, request.max_tokens) == (False, False, 1, None)


def test_the_newer_name_of_the_output_limit_wins() -> None:
    assert chat(max_tokens=1, max_completion_tokens=2).max_tokens == 2
    assert chat(max_tokens=1).max_tokens == 1


@pytest.mark.parametrize(
    ("prompt", "choices"), [("Hi", 1), (["a", "b"], 2), ([1, 2, 3], 1), ([[1, 2], [3]], 2), ([], 1), ("[", 1)]
)
def test_each_prompt_of_a_text_completion_wants_its_own_answers(prompt: Any, choices: int) -> None:
    assert text(prompt).wanted_choices == choices
    assert text(prompt, n=3).wanted_choices == 3 * choices


@pytest.mark.parametrize(
    "fields", [{"messages": []}, {"messages": "Hi"}, {"model": 7}, {"n": 0}, {"n": "2"}, {"stream": "yes"}]
)
def test_what_is_no_chat_is_a_400_that_says_why(fields: dict[str, Any]) -> None:
    with pytest.raises(ApiError, match="not a valid completion request") as refused:
        chat(**fields)
    assert (refused.value.status, refused.value.code) == (400, "invalid_request")


@pytest.mark.parametrize(
    "rest", [b'"x": "\xff"', b'"\xff": 1', b'"x": "\xed\xa0\x80"', b'"\\ud800": 1', b'"x": "\\ud800"']
)
def test_what_is_not_unicode_is_a_400_wherever_it_stands(rest: bytes) -> None:
    for endpoint in (CHAT, TEXT):
        with pytest.raises(ApiError):
            parse(b'{"model": "m", "messages": [{}], "prompt": "Hi", ' + rest + b"}", endpoint)


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_more_tokens_than_can_be_counted_are_a_400(name: str) -> None:
    assert chat(**{name: 2**31 - 1}).max_tokens == 2**31 - 1
    with pytest.raises(ApiError, match=name):
        chat(**{name: 2**31})


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"model":"m"}', b"null"])
def test_bytes_that_are_no_request_are_a_400(body: bytes) -> None:
    for endpoint in (CHAT, TEXT):
        with pytest.raises(ApiError):
            parse(body, endpoint)
