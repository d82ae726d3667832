"""How each upstream is given a request."""

import json
from typing import Any

import pytest
from gateway.completion_request import CompletionRequest, parse
from gateway.endpoints import CHAT, TEXT, Endpoint
from gateway.settings import OpenAiAccount
from gateway.tiers.openai import openai
from gateway.tiers.provider import Prepared, Provider
from gateway.tiers.vllm import WHOLE_ONLY_PARAMETERS, vllm

from tests.gateway.stage import settings

VLLM = vllm(settings("http://vllm", None))
ACCOUNT = OpenAiAccount(
    "http://openai/v1", "gpt-4o", "sk", aliases={"gpt-mini": "gpt-4o-mini"}, completions_model="instruct"
)
OPENAI = openai(ACCOUNT)


def request(endpoint: Endpoint = CHAT, **fields: Any) -> CompletionRequest:
    said: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}]} if endpoint.is_chat else {"prompt": "Hi"}
    return parse(json.dumps({"model": "test-model", **said, **fields}).encode(), endpoint)


def sent(prepared: Prepared) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(prepared.body)
    return body


def both() -> list[Provider]:
    return [VLLM, OPENAI]


def test_vllm_gets_a_key_only_where_it_wants_one_and_never_the_clients() -> None:
    assert VLLM.headers == {}
    keyed = vllm(settings("http://vllm", None, vllm_api_key="sk-vllm"))
    assert keyed.headers == {"authorization": "Bearer sk-vllm"}


def test_a_stream_that_asks_for_its_usage_passes_to_vllm_byte_for_byte() -> None:
    asked = request(stream=True, stream_options={"include_usage": True}, seed=7)

    assert VLLM.prepare(asked, None).body is asked.body


def test_everybody_is_asked_to_stream_with_usage_and_the_clients_options() -> None:
    asked = request(stream_options={"include_usage": False, "chunk": 1})
    for provider in both():
        body = sent(provider.prepare(asked, None))
        assert body["stream"] is True
        assert body["stream_options"] == {"include_usage": True, "chunk": 1}


@pytest.mark.parametrize("name", sorted(WHOLE_ONLY_PARAMETERS))
def test_what_vllm_tells_in_whole_answers_only_is_asked_for_as_one(name: str) -> None:
    asked = VLLM.prepare(request(**{name: 1}), None)
    assert not asked.streams and not {"stream", "stream_options"} & sent(asked).keys()
    streaming = VLLM.prepare(request(stream=True, **{name: 1}), None)
    assert streaming.streams and sent(streaming)["stream"] is True
    assert OPENAI.prepare(request(**{name: 1}), None).streams


def test_each_gets_its_own_name_of_the_model() -> None:
    assert sent(VLLM.prepare(request(model="house"), None))["model"] == "test-model"
    for name, means in (("test-model", "gpt-4o"), ("gpt-mini", "gpt-4o-mini")):
        prepared = OPENAI.prepare(request(model=name), None)
        assert (sent(prepared)["model"], prepared.model) == (means, means)


def test_a_lower_output_limit_replaces_both_spellings() -> None:
    for provider in both():
        body = sent(provider.prepare(request(max_tokens=9_000, max_completion_tokens=9_000), 500))
        assert (body["max_completion_tokens"], body.get("max_tokens")) == (500, None)
        assert sent(provider.prepare(request(TEXT, max_tokens=9_000), 500))["max_tokens"] == 500


def test_without_a_lower_limit_the_clients_own_stays() -> None:
    body = sent(VLLM.prepare(request(max_tokens=90), None))

    assert (body["max_tokens"], body.get("max_completion_tokens")) == (90, None)


def test_openai_gets_the_clients_limit_by_the_name_that_all_of_its_models_take() -> None:
    body = sent(OPENAI.prepare(request(max_tokens=90), None))

    assert (body["max_completion_tokens"], body.get("max_tokens")) == (90, None)
    assert sent(OPENAI.prepare(request(TEXT, max_tokens=90), None))["max_tokens"] == 90
    assert not {"max_tokens", "max_completion_tokens"} & sent(OPENAI.prepare(request(), None)).keys()


def test_openai_gets_no_parameter_of_vllm_and_the_client_hears_which() -> None:
    prepared = OPENAI.prepare(request(top_k=4, min_p=0.1, temperature=0), None)

    assert prepared.dropped == ("min_p", "top_k")
    assert not {"top_k", "min_p"} & sent(prepared).keys()
    assert VLLM.prepare(request(top_k=4), None).dropped == ()


def test_a_text_completion_keeps_what_openai_knows_there_only() -> None:
    prepared = OPENAI.prepare(request(TEXT, echo=True, best_of=2, top_k=4), None)

    assert prepared.dropped == ("top_k",)
    assert sent(prepared)["model"] == "instruct"


def test_openai_has_no_text_completions_without_a_model_for_them() -> None:
    assert TEXT.route not in openai(OpenAiAccount("http://openai/v1", "gpt-4o", "sk")).urls
    assert OPENAI.urls[TEXT.route] == "http://openai/v1/completions"
