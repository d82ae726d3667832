"""The official client works against the gateway, and its own exceptions tell what went wrong."""

from collections.abc import AsyncIterator

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.gateway import speech
from tests.gateway.stage import KEY, Stage
from tests.gateway.upstream import CUT, PAUSE

MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hi"}]


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[openai.AsyncOpenAI]:
    await stage.start()
    base_url = f"http://127.0.0.1:{stage.port}/v1"
    async with openai.AsyncOpenAI(base_url=base_url, api_key=KEY, max_retries=0) as opened:
        yield opened


async def test_a_whole_answer(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = speech.stream("Hel", "lo")

    answer = await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES)

    assert answer.choices[0].message.content == "Hello"
    assert answer.usage is not None and answer.usage.total_tokens == speech.USAGE["total_tokens"]


async def test_a_stream_with_usage(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = speech.stream("Hel", "lo")

    stream = await client.chat.completions.create(
        model=speech.MODEL, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello"
    assert chunks[-1].usage is not None


async def test_a_stream_that_breaks_raises(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), PAUSE, CUT]

    stream = await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, stream=True)

    with pytest.raises(openai.APIError, match="not the whole answer"):
        _ = [chunk async for chunk in stream]


async def test_a_wrong_key_and_a_wrong_model_raise_what_openai_raises(stage: Stage, client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="sk-other").models.list()
    with pytest.raises(openai.NotFoundError) as caught:
        await client.chat.completions.create(model="other", messages=MESSAGES)
    assert caught.value.code == "model_not_found"


async def test_models(stage: Stage, client: openai.AsyncOpenAI) -> None:
    assert [model.id for model in (await client.models.list()).data] == [speech.MODEL]
