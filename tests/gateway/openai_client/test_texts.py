"""Text completions through the official client: whole, streamed, with their usage, and what it raises for errors."""

import asyncio

import openai
import pytest

from tests.gateway import speech
from tests.gateway.conformance import texts
from tests.gateway.conformance.kept import only_the_cache_answers
from tests.gateway.stage import Stage
from tests.gateway.upstream import CUT, PAUSE, RESET

BOTH = pytest.mark.parametrize("stream", [False, True])


async def test_a_whole_text(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = texts.streamed("Hel", "lo", finish="length")

    answer = await client.completions.create(model=speech.MODEL, prompt="Hi", extra_body={"top_k": 4})

    assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("Hello", "length")
    assert answer.usage is not None and answer.usage.total_tokens == speech.USAGE["total_tokens"]
    assert stage.vllm.only.body["top_k"] == 4


async def test_a_text_for_the_blocking_client_whole_and_streamed(stage: Stage, blocking_client: openai.OpenAI) -> None:
    stage.vllm.script = texts.streamed("Hel", "lo")

    def said() -> str:
        with blocking_client.completions.create(model=speech.MODEL, prompt="Hi", stream=True) as stream:
            return "".join(chunk.choices[0].text for chunk in stream)

    answer = await asyncio.to_thread(blocking_client.completions.create, model=speech.MODEL, prompt="Hi")

    assert (answer.choices[0].text, await asyncio.to_thread(said)) == ("Hello", "Hello")


async def test_a_stream_with_its_usage(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = texts.streamed("Hel", "lo")

    stream = await client.completions.create(
        model=speech.MODEL, prompt="Hi", stream=True, stream_options={"include_usage": True}
    )
    *pieces, last = [chunk async for chunk in stream]

    assert [chunk.choices[0].text for chunk in pieces] == ["Hel", "lo", ""]
    assert last.usage is not None and last.usage.total_tokens == speech.USAGE["total_tokens"]


async def test_several_prompts(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = texts.streamed("Hello", choices=2)

    answer = await client.completions.create(model=speech.MODEL, prompt=["a", "b"])

    assert [(choice.index, choice.text) for choice in answer.choices] == [(0, "Hello"), (1, "Hello")]


async def test_an_earlier_answer_says_that_it_is_one(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = texts.streamed("Hello")
    await client.completions.create(model=speech.MODEL, prompt="Hi")
    await only_the_cache_answers(stage)

    raw = await client.completions.with_raw_response.create(model=speech.MODEL, prompt="Hi")

    assert raw.headers["x-switchyard-tier"] == "cache" and 0 <= int(raw.headers["age"]) < 60
    assert raw.parse().choices[0].text == "Hello"


@BOTH
async def test_a_wrong_model(client: openai.AsyncOpenAI, stream: bool) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await client.completions.create(model="other", prompt="Hi", stream=stream)
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


@BOTH
async def test_a_deadline_that_is_none(client: openai.AsyncOpenAI, stream: bool) -> None:
    told = {"x-request-deadline-seconds": "soon"}
    with pytest.raises(openai.BadRequestError, match="soon") as caught:
        await client.completions.create(model=speech.MODEL, prompt="Hi", stream=stream, extra_headers=told)
    assert caught.value.code == "invalid_request"


@BOTH
async def test_what_the_model_refuses(stage: Stage, client: openai.AsyncOpenAI, stream: bool) -> None:
    stage.vllm.script = speech.error(400, "logprobs is too large")

    with pytest.raises(openai.BadRequestError, match="logprobs is too large"):
        await client.completions.create(model=speech.MODEL, prompt="Hi", logprobs=99, stream=stream)


@BOTH
async def test_no_tier_left(stage: Stage, client: openai.AsyncOpenAI, stream: bool) -> None:
    stage.vllm.script = [RESET]

    with pytest.raises(openai.InternalServerError) as caught:
        await client.completions.create(model=speech.MODEL, prompt="Hi", stream=stream)

    assert (caught.value.status_code, caught.value.code) == (503, "model_unavailable")


async def test_a_stream_that_breaks(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = [speech.HEAD, speech.sse(texts.piece("Hel")), PAUSE, CUT]
    said = []

    stream = await client.completions.create(model=speech.MODEL, prompt="Hi", stream=True)
    with pytest.raises(openai.APIError, match="not the whole answer") as caught:
        async for chunk in stream:
            said.append(chunk.choices[0].text)

    assert (said, caught.value.code) == (["Hel"], "stream_incomplete")
