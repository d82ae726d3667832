"""Each failure raises the exception that OpenAI's own service would make the client raise."""

import asyncio

import openai
import pytest

from tests.gateway import speech
from tests.gateway.openai_client.prompts import MESSAGES
from tests.gateway.stage import Stage
from tests.gateway.upstream import CUT, PAUSE, RESET, Script, Seen

BOTH = pytest.mark.parametrize("stream", [False, True])


async def test_a_wrong_key(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        await client.with_options(api_key="sk-other").models.list()
    assert caught.value.code == "invalid_api_key"


async def test_a_wrong_key_in_the_blocking_client(blocking_client: openai.OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        await asyncio.to_thread(blocking_client.with_options(api_key="sk-other").models.list)


@BOTH
async def test_a_wrong_model(client: openai.AsyncOpenAI, stream: bool) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await client.chat.completions.create(model="other", messages=MESSAGES, stream=stream)
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


async def test_a_path_that_the_gateway_does_not_have(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        await client.embeddings.create(model=speech.MODEL, input="Hi")


@BOTH
async def test_a_request_that_is_none(client: openai.AsyncOpenAI, stream: bool) -> None:
    with pytest.raises(openai.BadRequestError, match="messages"):
        await client.chat.completions.create(model=speech.MODEL, messages=[], stream=stream)


@BOTH
async def test_what_the_model_refuses(stage: Stage, client: openai.AsyncOpenAI, stream: bool) -> None:
    stage.vllm.script = speech.error(400, "temperature must be non-negative")

    with pytest.raises(openai.BadRequestError, match="must be non-negative"):
        await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, temperature=-1, stream=stream)

    assert stage.openai.seen == []


@BOTH
@pytest.mark.parametrize(
    ("script", "status", "code"),
    [
        ([RESET], 502, "all_tiers_failed"),
        (speech.error(503), 503, "overloaded"),
        (speech.error(429), 503, "overloaded"),
    ],
)
async def test_no_tier_left(
    stage: Stage, client: openai.AsyncOpenAI, stream: bool, script: Script, status: int, code: str
) -> None:
    stage.vllm.script = stage.openai.script = script

    with pytest.raises(openai.InternalServerError) as caught:
        await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, stream=stream)

    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert caught.value.request_id is not None


async def test_the_clients_own_second_try_reaches_the_model(stage: Stage, client: openai.AsyncOpenAI) -> None:
    def recovering(seen: Seen) -> Script:
        return speech.error(500) if len(stage.openai.seen) < 1 else speech.stream("Hello")

    stage.vllm.script = recovering
    stage.openai.script = [RESET]

    answer = await client.with_options(max_retries=1).chat.completions.create(model=speech.MODEL, messages=MESSAGES)

    assert answer.choices[0].message.content == "Hello"


async def test_a_stream_that_breaks(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), PAUSE, CUT]
    said = []

    stream = await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, stream=True)
    with pytest.raises(openai.APIError, match="not the whole answer") as caught:
        async for chunk in stream:
            said.append(chunk.choices[0].delta.content)

    assert said == ["Hel"]
    assert caught.value.code == "stream_incomplete"


async def test_a_stream_that_breaks_in_the_blocking_client(stage: Stage, blocking_client: openai.OpenAI) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), PAUSE, CUT]

    def read() -> None:
        list(blocking_client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, stream=True))

    with pytest.raises(openai.APIError, match="not the whole answer"):
        await asyncio.to_thread(read)


async def test_a_gateway_that_is_not_there(stage: Stage, client: openai.AsyncOpenAI) -> None:
    await stage.gateway.public.stop()

    with pytest.raises(openai.APIConnectionError):
        await client.models.list()
