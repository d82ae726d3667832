"""What an application gets from the official client when all is well: texts, tools, objects, headers."""

import asyncio
import json
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.gateway import speech
from tests.gateway.conformance.answers import DELTAS, LOGPROBS, streamed
from tests.gateway.openai_client.prompts import MESSAGES, WEATHER, Person
from tests.gateway.stage import Stage


async def test_a_whole_answer(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = speech.stream("Hel", "lo")

    answer = await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES)

    assert answer.choices[0].message.content == "Hello"
    assert answer.usage is not None and answer.usage.total_tokens == speech.USAGE["total_tokens"]


async def test_a_whole_answer_for_the_blocking_client(stage: Stage, blocking_client: openai.OpenAI) -> None:
    stage.vllm.script = speech.stream("Hel", "lo")

    answer = await asyncio.to_thread(
        blocking_client.chat.completions.create, model=speech.MODEL, messages=MESSAGES, temperature=0
    )

    assert answer.choices[0].message.content == "Hello"
    assert stage.vllm.only.body["temperature"] == 0


async def test_what_only_vllm_knows_goes_in_the_extra_body(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = speech.stream()

    await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, extra_body={"top_k": 4})

    assert stage.vllm.only.body["top_k"] == 4


async def test_headers_of_an_answer_can_be_read(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = speech.error(500)
    stage.openai.script = speech.completion()

    raw = await client.chat.completions.with_raw_response.create(
        model=speech.MODEL, messages=MESSAGES, extra_headers={"x-request-id": "req-7"}, extra_body={"top_k": 4}
    )

    assert raw.headers["x-switchyard-tier"] == "openai"
    assert raw.headers["x-switchyard-fallback-reason"] == "server_error"
    assert raw.headers["x-switchyard-dropped-parameters"] == "top_k"
    answer = raw.parse()
    assert answer._request_id == "req-7"
    assert answer.model == speech.OPENAI_MODEL


async def test_tool_calls(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = streamed(*DELTAS["tool call"], finish="tool_calls")

    answer = await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, tools=[WEATHER])

    assert answer.choices[0].finish_reason == "tool_calls"
    (call,) = answer.choices[0].message.tool_calls or ()
    assert call.type == "function"
    assert (call.id, call.function.name, json.loads(call.function.arguments)) == (
        "call_1",
        "weather",
        {"place": "Rome"},
    )
    assert stage.vllm.only.body["tools"] == [WEATHER]


async def test_a_tools_result_goes_back_to_the_model(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = streamed(*DELTAS["tool call"], finish="tool_calls")
    asked = await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, tools=[WEATHER])
    stage.vllm.script = speech.stream("Sunny")
    result: ChatCompletionMessageParam = {"role": "tool", "tool_call_id": "call_1", "content": "sun"}
    said: Any = asked.choices[0].message

    answer = await client.chat.completions.create(model=speech.MODEL, messages=[*MESSAGES, said, result])

    assert answer.choices[0].message.content == "Sunny"
    assert [message["role"] for message in stage.vllm.seen[1].body["messages"]] == ["user", "assistant", "tool"]


async def test_structured_output_becomes_an_object(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = speech.stream('{"name": "Ada",', ' "age": 36}')

    answer = await client.chat.completions.parse(model=speech.MODEL, messages=MESSAGES, response_format=Person)

    assert answer.choices[0].message.parsed == Person(name="Ada", age=36)
    assert stage.vllm.only.body["response_format"]["json_schema"]["name"] == "Person"


async def test_a_structured_answer_that_was_cut_short_is_not_taken_for_one(
    stage: Stage, client: openai.AsyncOpenAI
) -> None:
    stage.vllm.script = streamed({"content": '{"name": "A'}, finish="length")

    with pytest.raises(openai.LengthFinishReasonError):
        await client.chat.completions.parse(model=speech.MODEL, messages=MESSAGES, response_format=Person)


async def test_a_refusal_is_told_apart_from_an_answer(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = streamed(*DELTAS["refusal"])

    answer = await client.chat.completions.parse(model=speech.MODEL, messages=MESSAGES, response_format=Person)

    message = answer.choices[0].message
    assert (message.refusal, message.parsed) == ("I will not.", None)


async def test_logprobs(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = streamed({"content": "Hi"}, {"content": "Hi"}, logprobs=LOGPROBS)

    answer = await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, logprobs=True)

    found = answer.choices[0].logprobs
    assert found is not None and [token.bytes for token in found.content or ()] == [[72, 105]] * 2


async def test_several_choices(stage: Stage, client: openai.AsyncOpenAI) -> None:
    stage.vllm.script = streamed({"content": "Hello"}, choices=3)

    answer = await client.chat.completions.create(model=speech.MODEL, messages=MESSAGES, n=3)

    assert [(choice.index, choice.message.content) for choice in answer.choices] == [(n, "Hello") for n in range(3)]


async def test_the_models(stage: Stage, client: openai.AsyncOpenAI) -> None:
    assert [model.id for model in (await client.models.list()).data] == [speech.MODEL]
    assert [model.id async for model in client.models.list()] == [speech.MODEL]
