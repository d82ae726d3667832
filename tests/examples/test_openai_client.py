"""The official client against the real gateway, as an application would use it."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from examples.openai_client import calls
from examples.openai_client.__main__ import main
from examples.openai_client.calls import Answered, Person, StreamIncomplete
from examples.openai_client.connection import Connection, SettingsMissing, connect
from examples.openai_client.failures import explain
from tests.children import MEASURED
from tests.gateway import speech
from tests.gateway.stage import KEY, Stage
from tests.gateway.upstream import CUT, PAUSE, Script, Step

ROOT = Path(__file__).parents[2]


class InTurn:
    """A script for each request, one after the other."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = iter(scripts)

    def __iter__(self) -> Iterator[bytes | Step]:
        return iter(next(self._scripts))


def environ(stage: Stage, **changes: str) -> dict[str, str]:
    base_url = f"http://127.0.0.1:{stage.port}/v1"
    return {"SWITCHYARD_BASE_URL": base_url, "SWITCHYARD_API_KEY": KEY, "MODEL_NAME": speech.MODEL, **changes}


def connected(stage: Stage, **changes: str) -> Connection:
    """Open until the stage is cleared: a client that is left to the garbage collection warns in whatever runs then."""
    found = connect(environ(stage, **changes))
    stage.stack.callback(found.client.close)
    return Connection(found.client.with_options(max_retries=0), found.model)


async def streamed(connection: Connection) -> tuple[Answered, list[str]]:
    shown: list[str] = []
    return await asyncio.to_thread(calls.streamed, connection, "Hi", shown.append), shown


async def failure(connection: Connection) -> str:
    with pytest.raises(openai.OpenAIError) as caught:
        await asyncio.to_thread(calls.whole, connection, "Hi")
    return explain(caught.value)


async def test_a_whole_answer_says_who_gave_it(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script = speech.stream("Hel", "lo")

    answered = await asyncio.to_thread(calls.whole, connected(stage), "Hi")

    assert (answered.text, answered.total_tokens) == ("Hello", speech.USAGE["total_tokens"])
    assert (answered.answerer.tier, answered.answerer.release) == ("vllm", "r-0001")
    assert len(answered.answerer.request_id) > 8
    assert answered.answerer.fallback_reason is None


async def test_a_fallback_is_visible_and_changes_nothing_else(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script, stage.openai.script = speech.error(500), speech.completion("Hello")

    answered = await asyncio.to_thread(calls.whole, connected(stage), "Hi")

    assert answered.text == "Hello"
    assert answered.answerer.tier == "openai"
    assert answered.answerer.fallback_reason


async def test_a_stream_comes_in_pieces_with_its_usage(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script = speech.stream("Hel", "lo")

    answered, shown = await streamed(connected(stage))

    assert shown == ["Hel", "lo"]
    assert (answered.text, answered.total_tokens) == ("Hello", speech.USAGE["total_tokens"])
    assert answered.answerer.tier == "vllm"


async def test_a_stream_that_breaks_is_an_error_and_never_a_short_answer(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), PAUSE, CUT]

    with pytest.raises(openai.APIError) as caught:
        await streamed(connected(stage))

    assert explain(caught.value).startswith("stream_incomplete: ")


@pytest.mark.parametrize(
    ("end", "seen_as"),
    [([speech.END], StreamIncomplete), ([PAUSE, CUT], openai.APIConnectionError)],
    ids=["ended", "cut"],
)
async def test_a_connection_that_ends_in_a_stream_is_seen_without_any_gateways_help(
    stage: Stage, end: Script, seen_as: type[Exception]
) -> None:
    """What a client sees when the gateway itself, or the load balancer, goes away."""
    await stage.start()
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), *end]

    with pytest.raises(seen_as):
        await streamed(connected(stage, SWITCHYARD_BASE_URL=f"{stage.vllm.url}/v1"))


async def test_a_tool_is_asked_for_used_and_answered(stage: Stage) -> None:
    await stage.start()
    call = {"index": 0, "id": "call-1", "type": "function", "function": {"name": "time_in", "arguments": ""}}
    arguments = {"index": 0, "function": {"arguments": '{"city": "Bern"}'}}
    stage.vllm.script = InTurn(
        [
            speech.HEAD,
            speech.sse(speech.chunk({"role": "assistant", "tool_calls": [call]})),
            speech.sse(speech.chunk({"tool_calls": [arguments]}, finish="tool_calls")),
            speech.DONE + speech.END,
        ],
        speech.stream("Noon."),
    )

    answered = await asyncio.to_thread(calls.with_tool, connected(stage), "What time is it in Bern?")

    assert answered.text == "Noon."
    told = stage.vllm.seen[1].body["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "tool"]
    assert json.loads(told[2]["content"])["city"] == "Bern"


async def test_an_answer_has_the_shape_that_was_asked_for(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script = speech.stream('{"name": "Ada",', ' "age": 36}')

    person, answerer = await asyncio.to_thread(calls.structured, connected(stage), "Ada Lovelace, 36")

    assert person == Person(name="Ada", age=36)
    assert answerer.tier == "vllm"
    assert stage.vllm.only.body["response_format"]["type"] == "json_schema"


async def test_the_gateway_is_told_how_long_the_client_waits(stage: Stage) -> None:
    await stage.start()
    told = connected(stage).client

    assert told.default_headers["x-request-deadline-seconds"] == "30"
    assert told.timeout == 31.0


async def test_errors_say_what_to_do(stage: Stage, unused_tcp_port: int) -> None:
    await stage.start()
    stage.vllm.script = stage.openai.script = speech.error(503)

    assert (await failure(connected(stage, SWITCHYARD_API_KEY="sk-other"))).endswith("(check SWITCHYARD_API_KEY)")
    assert "check MODEL_NAME" in await failure(connected(stage, MODEL_NAME="other"))
    assert (await failure(connected(stage))).startswith("503 ")
    nobody = f"http://127.0.0.1:{unused_tcp_port}/v1"
    assert f"no connection to {nobody}/chat/completions: " in await failure(
        connected(stage, SWITCHYARD_BASE_URL=nobody)
    )


def test_missing_variables_are_named_together() -> None:
    with pytest.raises(SettingsMissing, match="SWITCHYARD_BASE_URL, MODEL_NAME: not set"):
        connect({"SWITCHYARD_API_KEY": KEY, "MODEL_NAME": ""})


async def test_the_command_line_prints_the_answer_and_apart_from_it_who_answered(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script = speech.stream("Hel", "lo")

    status, output, errors = await process(environ(stage), "whole")

    assert (status, output) == (0, "Hello\n")
    assert errors.startswith("answered by vllm; release r-0001, request ")


async def test_the_command_line_prints_a_stream_as_one_answer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await stage.start()
    stage.vllm.script = speech.stream("Hel", "lo")

    assert await command(monkeypatch, environ(stage), "stream") == 0

    told = capsys.readouterr()
    assert told.out == "Hello\n"
    assert told.err.startswith("answered by vllm; release r-0001, request ")


async def test_the_command_line_ends_with_one_line_and_1_when_something_is_wrong(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await stage.start()

    assert await command(monkeypatch, environ(stage, MODEL_NAME="other"), "whole") == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("openai_client: 404 model_not_found: ") and told.err.count("\n") == 1


async def command(monkeypatch: pytest.MonkeyPatch, told: dict[str, str], kind: str) -> int:
    """In this process, because loading the client's library takes seconds; answers the exit code."""
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["openai_client", kind, "Hi"])
    return await asyncio.to_thread(main)


async def process(told: dict[str, str], kind: str) -> tuple[int, str, str]:
    """As a person would start it."""
    argv = [sys.executable, "-m", "examples.openai_client", kind, "Hi"]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *argv, cwd=ROOT, env={"PATH": os.environ["PATH"], **MEASURED, **told}, stdout=pipe, stderr=pipe
    )
    output, errors = await child.communicate()
    return child.returncode or 0, output.decode(), errors.decode()
