"""POST /v1/chat/completions when all goes well, and what reaches whom."""

import asyncio
import json

import pytest
from gateway.settings import BreakerPolicy

from tests.gateway import speech
from tests.gateway.stage import Stage
from tests.gateway.upstream import PAUSE, Script


async def test_a_whole_answer_is_assembled_from_a_stream(stage: Stage) -> None:
    stage.vllm.script = speech.stream("Hel", "lo", "!")
    await stage.start()

    answer = await stage.ask()

    assert answer.status == 200
    assert answer.json["object"] == "chat.completion"
    assert answer.json["model"] == speech.MODEL
    assert answer.json["choices"][0]["message"] == {"role": "assistant", "content": "Hello!"}
    assert answer.json["choices"][0]["finish_reason"] == "stop"
    assert answer.json["usage"] == speech.USAGE


async def test_vllm_is_always_asked_to_stream_with_usage(stage: Stage) -> None:
    stage.vllm.script = speech.stream()
    await stage.start()

    await stage.ask(temperature=0.5)

    body = stage.vllm.only.body
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert body["temperature"] == 0.5
    assert stage.vllm.only.path == "/v1/chat/completions"


async def test_a_stream_is_forwarded_and_ends_with_done(stage: Stage) -> None:
    stage.vllm.script = speech.stream("Hel", "lo", "!")
    await stage.start()

    answer = await stage.ask(stream=True)

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.said == "Hello!"
    assert answer.events[-1] == "[DONE]"


async def test_usage_is_streamed_only_to_a_client_that_asked_for_it(stage: Stage) -> None:
    stage.vllm.script = speech.stream()
    await stage.start()

    silent = await stage.ask(stream=True)
    asking = await stage.ask(stream=True, stream_options={"include_usage": True})

    assert not any(event.get("usage") for event in silent.events if isinstance(event, dict))
    assert asking.events[-2]["usage"] == speech.USAGE


async def test_a_complete_stream_without_done_is_a_whole_answer(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hello"), speech.FINISH, speech.END]
    await stage.start()

    streamed = await stage.ask(stream=True)
    whole = await stage.ask()

    assert streamed.events[-1] == "[DONE]"
    assert whole.json["choices"][0]["message"]["content"] == "Hello"


async def test_tool_calls_are_assembled(stage: Stage) -> None:
    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "search", "arguments": '{"q":'}}
    rest = {"index": 0, "function": {"arguments": ' "x"}'}}
    stage.vllm.script = [
        speech.HEAD,
        speech.ROLE,
        speech.sse(speech.chunk({"tool_calls": [first]})),
        speech.sse(speech.chunk({"tool_calls": [rest]}, finish="tool_calls")),
        speech.usage() + speech.DONE + speech.END,
    ]
    await stage.start()

    choice = (await stage.ask(tools=[{"type": "function", "function": {"name": "search"}}])).json["choices"][0]

    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    (call,) = choice["message"]["tool_calls"]
    assert call == {"id": "call_1", "type": "function", "function": {"name": "search", "arguments": '{"q": "x"}'}}


async def test_an_opinion_of_vllm_about_the_request_passes_through(stage: Stage) -> None:
    stage.vllm.script = speech.error(400, "Unknown role: robot")
    await stage.start()

    for stream in (False, True):
        answer = await stage.ask(stream=stream)
        assert answer.status == 400
        assert "Unknown role" in answer.error["message"]
        assert answer.headers["x-switchyard-tier"] == "vllm"
    assert stage.openai.seen == []


async def test_an_opinion_that_is_too_long_to_carry_is_still_one(stage: Stage) -> None:
    stage.vllm.script = speech.error(400, "x" * 100_000)
    await stage.start(breaker=BreakerPolicy(failures=1))

    answer = await stage.ask()

    assert (answer.status, answer.headers["x-switchyard-tier"]) == (400, "vllm")
    assert "more than 65536 bytes" in answer.error["message"]
    assert await stage.metric('switchyard_breaker_state{state="closed",tier="vllm"}') == 1


@pytest.mark.parametrize(
    "end", [[speech.DONE + speech.END], [speech.DONE, PAUSE, speech.END]], ids=["at once", "later"]
)
async def test_a_connection_is_used_again_after_a_complete_answer(stage: Stage, end: Script) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hello"), speech.FINISH, *end]
    await stage.start()

    for stream in (False, True, False):
        await stage.ask(stream=stream)
        await asyncio.sleep(0.05)

    assert {seen.connection for seen in stage.vllm.seen} == {1}
    assert {line["ended"] for line in stage.logged()} == {"2xx"}


async def test_a_body_of_more_than_a_megabyte_reaches_vllm_whole(stage: Stage) -> None:
    stage.vllm.script = speech.stream()
    await stage.start()
    prompt = "x" * (1536 * 1024)

    answer = await stage.ask(messages=[{"role": "user", "content": prompt}])

    assert answer.status == 200
    assert stage.vllm.only.body["messages"][0]["content"] == prompt


async def test_a_log_line_tells_all_but_the_prompt_and_the_key(stage: Stage) -> None:
    stage.vllm.script = speech.stream()
    await stage.start()

    await stage.ask(messages=[{"role": "user", "content": "my secret"}], headers={"x-request-id": "req-1"})

    (line,) = stage.logged()
    assert line["request_id"] == "req-1"
    assert (line["key"], line["tier"], line["status"], line["ended"]) == ("alice", "vllm", 200, "2xx")
    assert line["completion_tokens"] == speech.USAGE["completion_tokens"]
    assert line["release"] == "r-0001"
    shown = json.dumps(line)
    assert "my secret" not in shown and "sk-alice" not in shown
