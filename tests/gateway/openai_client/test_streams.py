"""Streams through the official client: pieces, usage, tools, structured output, leaving early."""

import asyncio

import openai
import pytest

from tests.gateway import speech
from tests.gateway.conformance.answers import DELTAS, streamed
from tests.gateway.openai_client.prompts import MESSAGES, WEATHER, Person
from tests.gateway.stage import Stage
from tests.gateway.upstream import HANG


async def test_the_pieces(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = speech.stream("Hel", "lo")

    stream = await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, stream=True)
    chunks = [chunk async for chunk in stream]

    assert [chunk.choices[0].delta.content for chunk in chunks] == ["", "Hel", "lo", None]
    assert chunks[-1].choices[0].finish_reason == "stop"


async def test_the_usage_for_who_asks(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = speech.stream("Hel", "lo")

    stream = await client.chat.completions.create(
        model=speech.MODEL, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello"
    assert chunks[-1].usage is not None and chunks[-1].usage.total_tokens == speech.USAGE["total_tokens"]


async def test_a_stream_for_the_blocking_client(stage: Stage, blocking_client: openai.OpenAI) -> None:
    stage.vllm.script = speech.stream("Hel", "lo")

    def said() -> str:
        with blocking_client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, stream=True) as stream:
            return "".join(chunk.choices[0].delta.content or "" for chunk in stream)

    assert await asyncio.to_thread(said) == "Hello"


async def test_the_helper_gathers_tool_calls(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = streamed(*DELTAS["tool call"], finish="tool_calls")

    async with client.chat.completions.stream(model=speech.MODEL, messages=MESSAGES, tools=[WEATHER]) as stream:
        events = [event async for event in stream]
        answer = await stream.get_final_completion()

    (call,) = answer.choices[0].message.tool_calls or ()
    assert call.function.parsed_arguments == {"place": "Rome"}
    assert "tool_calls.function.arguments.done" in {event.type for event in events}


async def test_the_helper_parses_structured_output(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = speech.stream('{"name": "Ada",', ' "age": 36}')

    async with client.chat.completions.stream(
        model=speech.MODEL,
        messages=MESSAGES,
        response_format=Person,
        stream_options={"include_usage": True},
    ) as stream:
        answer = await stream.get_final_completion()

    assert answer.choices[0].message.parsed == Person(name="Ada", age=36)
    assert answer.usage is not None and answer.usage.completion_tokens == speech.USAGE["completion_tokens"]


async def test_headers_of_a_stream_can_be_read_before_its_end(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = speech.stream("Hel", "lo")

    asked = client.chat.completions.with_streaming_response.create(model=speech.MODEL, messages=MESSAGES, stream=True)
    async with asked as raw:
        assert raw.headers["x-switchyard-tier"] == "vllm"
        lines = [line async for line in raw.iter_lines() if line]

    assert lines[-1] == "data: [DONE]"


async def test_a_client_that_closes_its_stream_ends_the_models_work(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), HANG]

    stream = await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, stream=True)
    await anext(aiter(stream))
    await stream.close()

    assert await stage.vllm.only.was_left()


async def test_a_client_that_does_not_wait_longer_ends_the_models_work(
    stage: Stage, client: openai.AsyncOpenAI
) -> None:
    stage.vllm.script = [HANG]

    with pytest.raises(openai.APITimeoutError):
        await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, timeout=0.1)

    assert await stage.vllm.only.was_left()
