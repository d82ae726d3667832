"""What an upstream's answer that is not 200 means."""

from email.utils import formatdate

import pytest
from gateway.outcome import Reason
from gateway.settings import OpenAiAccount
from gateway.tiers.openai import openai
from gateway.tiers.provider import Provider
from gateway.tiers.rejection import failure, rejection, seconds_of
from gateway.tiers.vllm import vllm

from tests.gateway.stage import settings

VLLM = vllm(settings("http://vllm", None))
OPENAI = openai(OpenAiAccount("http://openai/v1", "gpt-4o", "sk"))
JSON, HTML = "application/json", "text/html"


def reason(provider: Provider, status: int, content_type: str = JSON) -> Reason | None:
    found = failure(provider, status, content_type, None)
    return found.reason if found else None


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_what_is_wrong_with_a_request_is_an_opinion_of_either(status: int) -> None:
    assert reason(VLLM, status) is reason(OPENAI, status) is None


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_an_opinion_of_our_key_our_model_and_our_path_is_not_the_clients_matter(status: int) -> None:
    assert reason(OPENAI, status) is reason(VLLM, status) is Reason.REFUSED


@pytest.mark.parametrize("provider", [VLLM, OPENAI])
def test_too_much_to_do_is_told_from_nobody_there(provider: Provider) -> None:
    assert reason(provider, 429) is Reason.RATE_LIMITED
    assert reason(provider, 503, JSON) is Reason.OVERLOADED
    assert reason(provider, 503, HTML) is Reason.SERVER_ERROR


@pytest.mark.parametrize("status", [408, 500, 502, 504, 529])
def test_everything_else_from_500_on_and_a_time_out_is_a_servers_error(status: int) -> None:
    assert reason(VLLM, status) is reason(OPENAI, status) is Reason.SERVER_ERROR


@pytest.mark.parametrize("status", [204, 206, 301, 302, 307])
def test_what_is_no_answer_is_refused(status: int) -> None:
    assert reason(VLLM, status) is Reason.REFUSED


def test_a_time_to_come_back_is_kept() -> None:
    for status in (429, 503):
        found = failure(VLLM, status, JSON, "17")
        assert found is not None and found.retry_after_seconds == 17


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("17", 17), ("0", None), ("", None), (None, None), ("soon", None), ("-3", None), ("9" * 30, 999_999_999)],
)
def test_seconds_to_come_back(told: str | None, seconds: int | None) -> None:
    assert seconds_of(told) == seconds


def test_a_date_to_come_back_is_seconds_from_now() -> None:
    assert seconds_of(formatdate(1_000_090, usegmt=True), now=1_000_000) in (90, 91)
    assert seconds_of(formatdate(999_000, usegmt=True), now=1_000_000) is None


@pytest.mark.parametrize(
    ("message", "tokens"),
    [
        (b"This model's maximum context length is 4096 tokens. However, you requested 5000", 4096),
        (b"maximum context length of 8192 tokens", 8192),
        (b"'max_tokens' is too large", None),
    ],
)
def test_a_prompt_that_is_too_long_tells_how_long_it_may_be(message: bytes, tokens: int | None) -> None:
    found = rejection(400, JSON, b'{"error":{"message":"%s"}}' % message)
    assert (found.status, found.content_type, found.context_tokens) == (400, b"application/json", tokens)
    assert rejection(400, HTML, b"<html>").content_type == b"text/plain; charset=utf-8"


def test_a_rejection_that_is_too_long_to_carry_is_told_in_our_words() -> None:
    found = rejection(400, JSON, b'{"error":{"message":"maximum context length is 4096 tokens. ' + b"x" * 65_536)
    assert (found.status, found.content_type, found.context_tokens) == (400, b"application/json", 4096)
    assert b"says 400" in found.body and len(found.body) < 1_000
