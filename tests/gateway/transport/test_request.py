"""What a request's head says, and what a caller cannot make it say."""

import pytest
from gateway.upstream.errors import HeaderRefused
from gateway.upstream.request import Origin, get_head, post_head, target_of

TARGET = target_of("http://vllm:8001/v1/chat/completions")


def test_a_head_has_the_host_the_callers_headers_and_the_length() -> None:
    assert post_head(TARGET, {"content-type": "application/json", "x-request-id": "1"}, 42) == (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: vllm:8001\r\n"
        b"content-type: application/json\r\nx-request-id: 1\r\ncontent-length: 42\r\n\r\n"
    )


def test_an_empty_body_has_a_length_and_no_body_has_none() -> None:
    assert b"content-length: 0\r\n" in post_head(TARGET, {}, 0)
    assert get_head(TARGET, {}) == b"GET /v1/chat/completions HTTP/1.1\r\nhost: vllm:8001\r\n\r\n"


@pytest.mark.parametrize(
    ("url", "origin", "opening"),
    [
        ("http://vllm", Origin("vllm", 80, False), " / HTTP/1.1\r\nhost: vllm\r\n"),
        ("https://api.openai.com/v1?a=b#c", Origin("api.openai.com", 443, True), " /v1?a=b HTTP/1.1\r\nhost: api."),
        ("http://[::1]:8001/x", Origin("::1", 8001, False), " /x HTTP/1.1\r\nhost: [::1]:8001\r\n"),
    ],
)
def test_a_url_says_whom_to_connect_to_and_what_to_ask_for(url: str, origin: Origin, opening: str) -> None:
    target = target_of(url)
    assert target.origin == origin
    assert target.opening.startswith(opening)


@pytest.mark.parametrize(
    "value", ["a\r\nhost: b", "a\nb", "a\rb", "a\0b", "\r\n\r\nGET / HTTP/1.1", "a\u2028b", "\u0100"]
)
def test_a_value_cannot_become_another_header(value: str) -> None:
    with pytest.raises(HeaderRefused) as refused:
        post_head(TARGET, {"x-good": "1", "x-bad": value}, 0)
    assert "x-bad" in str(refused.value)
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["", "a b", "a:b", "a\r\nb", "ä", "Host", "Content-Length", "transfer-encoding", "connection"]
)
def test_a_name_is_a_token_and_not_the_clients_own(name: str) -> None:
    with pytest.raises(HeaderRefused):
        post_head(TARGET, {name: "1"}, 0)
