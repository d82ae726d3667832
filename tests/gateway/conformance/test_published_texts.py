"""Text completions have the shape that OpenAI publishes, whichever tier answered, streamed or not."""

from typing import Any

import pytest

from tests.gateway import speech
from tests.gateway.conformance import texts
from tests.gateway.conformance.kept import only_the_cache_answers
from tests.gateway.conformance.published import problems
from tests.gateway.stage import Answered, Stage
from tests.gateway.upstream import CUT, PAUSE, RESET

FINISHES = pytest.mark.parametrize("finish", ["stop", "length", "content_filter"])
NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
USAGE_ASKED = {"include_usage": True}


def whole(answer: Answered) -> Any:
    assert answer.status == 200
    assert problems("text_completion", answer.json) == []
    return answer.json


def chunks_of(answer: Answered) -> list[Any]:
    *chunks, end = answer.events
    assert end == "[DONE]"
    for chunk in chunks:
        assert problems("text_completion chunk", chunk) == []
    return chunks


def said(chunks: list[Any]) -> str:
    return "".join(choice["text"] for chunk in chunks for choice in chunk["choices"])


@FINISHES
async def test_an_answer_of_the_first_tier(stage: Stage, finish: str) -> None:
    stage.vllm.script = texts.streamed("Hel", "lo", finish=finish)
    await stage.start()

    answer = whole(await texts.ask(stage))
    chunks = chunks_of(await texts.ask(stage, stream=True))

    assert (answer["choices"][0]["text"], said(chunks)) == ("Hello", "Hello")
    assert answer["choices"][0]["finish_reason"] == chunks[-1]["choices"][0]["finish_reason"] == finish
    assert (answer["usage"], chunks[0].get("usage")) == (speech.USAGE, None)


async def test_an_answer_of_the_paid_tier_where_it_has_a_model_for_texts(stage: Stage) -> None:
    stage.vllm.script, stage.openai.script = [RESET], texts.streamed("Hello")
    await stage.start(openai=texts.account(stage))

    assert whole(await texts.ask(stage))["choices"][0]["text"] == "Hello"
    assert said(chunks_of(await texts.ask(stage, stream=True))) == "Hello"
    assert {seen.body["model"] for seen in stage.openai.seen} == {"gpt-3.5-turbo-instruct"}
    assert {seen.path for seen in stage.openai.seen} == {"/v1/completions"}


async def test_without_such_a_model_the_paid_tier_is_not_asked(stage: Stage) -> None:
    stage.vllm.script = [RESET]
    await stage.start()

    answer = await texts.ask(stage)

    assert (answer.status, answer.error["code"]) == (503, "model_unavailable")
    assert problems("error", answer.json) == []
    assert stage.openai.seen == []


@pytest.mark.parametrize("prompt", [["a", "b"], [[1, 2], [3]]])
async def test_each_prompt_has_its_answers(stage: Stage, prompt: list[Any]) -> None:
    stage.vllm.script = texts.streamed("Hello", choices=4)
    await stage.start()

    answer = whole(await texts.ask(stage, prompt=prompt, n=2))
    chunks = chunks_of(await texts.ask(stage, prompt=prompt, n=2, stream=True))

    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]
    assert {choice["index"] for chunk in chunks for choice in chunk["choices"]} == {0, 1, 2, 3}
    assert stage.vllm.seen[0].body["prompt"] == prompt


async def test_logprobs(stage: Stage) -> None:
    stage.vllm.script = texts.streamed("Hel", "Hel", logprobs=texts.LOGPROBS)
    await stage.start()

    answer = whole(await texts.ask(stage, logprobs=1))
    chunks = chunks_of(await texts.ask(stage, logprobs=1, stream=True))

    assert answer["choices"][0]["logprobs"] == {name: values * 2 for name, values in texts.LOGPROBS.items()}
    assert chunks[0]["choices"][0]["logprobs"] == texts.LOGPROBS


async def test_the_usage_is_one_more_chunk_for_who_asks(stage: Stage) -> None:
    stage.vllm.script = texts.streamed("Hello")
    await stage.start()

    *pieces, last = chunks_of(await texts.ask(stage, stream=True, stream_options=USAGE_ASKED))

    assert (last["choices"], last["usage"]) == ([], speech.USAGE)
    assert all(chunk["choices"] for chunk in pieces)


@pytest.mark.parametrize("first_stream", [False, True], ids=["kept-whole", "kept-stream"])
async def test_an_earlier_answer(stage: Stage, first_stream: bool) -> None:
    stage.vllm.script = texts.streamed("Hel", "lo", choices=2, logprobs=texts.LOGPROBS)
    await stage.start()
    await texts.ask(stage, prompt=["a", "b"], stream=first_stream)
    await only_the_cache_answers(stage)

    answer = whole(await texts.ask(stage, prompt=["a", "b"]))
    *chunks, last = chunks_of(await texts.ask(stage, prompt=["a", "b"], stream=True, stream_options=USAGE_ASKED))

    assert [choice["text"] for choice in answer["choices"]] == ["Hello", "Hello"]
    assert said(chunks) == "HelloHello"
    assert answer["usage"] == last["usage"] == NO_TOKENS


async def test_a_stream_that_breaks_ends_with_an_error_and_without_done(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.sse(texts.piece("Hel")), PAUSE, CUT]
    await stage.start()

    *chunks, last = (await texts.ask(stage, stream=True)).events

    assert [problems("text_completion chunk", chunk) for chunk in chunks] == [[]]
    assert (problems("error", last), last["error"]["code"]) == ([], "stream_incomplete")


@pytest.mark.parametrize("fields", [{"prompt": "x" * 3 * 1024 * 1024}, {"model": "other"}, {"n": 0}, {"stream": "yes"}])
async def test_a_refused_request(stage: Stage, fields: dict[str, Any]) -> None:
    await stage.start()

    answer = await texts.ask(stage, **fields)

    assert 400 <= answer.status < 500
    assert problems("error", answer.json) == []
