"""Falling over from vLLM to OpenAI: for which failures, until when, and what the client is told."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.gateway import speech
from tests.gateway.stage import LIMITS, Stage
from tests.gateway.upstream import CUT, HANG, PAUSE, RESET, Script

BEFORE_CONTENT: dict[str, tuple[Script, str]] = {
    "reset before the head": ([RESET], "reset"),
    "closed before the head": ([CUT], "reset"),
    "500": (speech.error(500), "server_error"),
    "502": (speech.error(502), "server_error"),
    "503": (speech.error(503), "overloaded"),
    "429": (speech.error(429), "rate_limited"),
    "redirect": (speech.response(302, {}, ["location: /elsewhere"]), "refused"),
    "error as first event": ([speech.HEAD, speech.sse({"error": {"message": "dead"}})], "error_event"),
    "error after the role": ([speech.HEAD, speech.ROLE, PAUSE, speech.sse({"error": {}})], "error_event"),
    "nothing but done": ([speech.HEAD, speech.DONE + speech.END], "empty_stream"),
    "nothing at all": ([speech.HEAD, speech.END], "empty_stream"),
    "cut after the role": ([speech.HEAD, speech.ROLE, PAUSE, CUT], "empty_stream"),
    "malformed first event": ([speech.HEAD, speech.sse(b"{oops")], "malformed"),
    "something that is no chunk": ([speech.HEAD, speech.sse({"hello": 1})], "malformed"),
    "no head in time": ([HANG], "first_token_timeout"),
    "no content in time": ([speech.HEAD, speech.ROLE, HANG], "first_token_timeout"),
}
AFTER_CONTENT: dict[str, tuple[Script, str]] = {
    "cut": ([speech.HEAD, speech.text("Hel"), PAUSE, CUT], "cut"),
    "ended without a finish reason": ([speech.HEAD, speech.text("Hel"), PAUSE, speech.END], "cut"),
    "done without a finish reason": ([speech.HEAD, speech.text("Hel"), PAUSE, speech.DONE], "cut"),
    "error event": ([speech.HEAD, speech.text("Hel"), PAUSE, speech.sse({"error": {"message": "x"}})], "error_event"),
    "malformed": ([speech.HEAD, speech.text("Hel"), PAUSE, speech.sse(b"{oops")], "malformed"),
    "stalled": ([speech.HEAD, speech.text("Hel"), HANG], "stalled"),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("case", BEFORE_CONTENT)
async def test_a_failure_before_the_first_content_falls_over(stage: Stage, case: str, stream: bool) -> None:
    stage.vllm.script, reason = BEFORE_CONTENT[case]
    stage.openai.script = speech.stream("From OpenAI", model=speech.OPENAI_MODEL) if stream else speech.completion()
    await stage.start()

    answer = await stage.ask(stream=stream)

    assert answer.status == 200
    assert answer.headers["x-switchyard-tier"] == "openai"
    assert answer.headers["x-switchyard-fallback-reason"] == reason
    if stream:
        assert answer.said == "From OpenAI"
        assert answer.events[-1] == "[DONE]"
        assert answer.events[0]["model"] == speech.OPENAI_MODEL
    else:
        assert answer.json["choices"][0]["message"]["content"] == "Hello from OpenAI"
        assert answer.json["model"] == speech.OPENAI_MODEL
    assert await stage.metric(f'switchyard_fallbacks_total{{from="vllm",reason="{reason}",to="openai"}}') == 1


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_a_refused_connection_falls_over(stage: Stage, stream: bool) -> None:
    stage.openai.script = speech.stream() if stream else speech.completion()
    await stage.start(vllm_url=f"http://127.0.0.1:{_free_port()}")

    answer = await stage.ask(stream=stream)

    assert (answer.status, answer.headers["x-switchyard-fallback-reason"]) == (200, "connect_failed")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_dropped_packets_fall_over_after_the_connect_limit(stage: Stage, stream: bool) -> None:
    stage.openai.script = speech.stream() if stream else speech.completion()
    with _address_that_drops_packets() as url:
        await stage.start(vllm_url=url)
        answer = await stage.ask(stream=stream)

    assert (answer.status, answer.headers["x-switchyard-fallback-reason"]) == (200, "connect_timeout")


@pytest.mark.parametrize("case", AFTER_CONTENT)
async def test_a_stream_never_changes_its_tier_and_never_looks_whole(stage: Stage, case: str) -> None:
    stage.vllm.script, reason = AFTER_CONTENT[case]
    await stage.start()

    answer = await stage.ask(stream=True)

    assert answer.status == 200
    assert answer.headers["x-switchyard-tier"] == "vllm"
    assert answer.said == "Hel"
    assert answer.events[-1]["error"]["code"] == "stream_incomplete"
    assert reason in answer.events[-1]["error"]["message"]
    assert "[DONE]" not in answer.events
    assert stage.openai.seen == []
    assert await stage.metric(_requests("incomplete", "vllm")) == 1


@pytest.mark.parametrize("case", AFTER_CONTENT)
async def test_a_client_that_does_not_stream_is_still_rescued(stage: Stage, case: str) -> None:
    stage.vllm.script, reason = AFTER_CONTENT[case]
    stage.openai.script = speech.completion("All of it")
    await stage.start()

    answer = await stage.ask()

    assert answer.status == 200
    assert answer.json["choices"][0]["message"]["content"] == "All of it"
    assert answer.headers["x-switchyard-fallback-reason"] == reason


async def test_vllm_is_left_before_openai_is_asked(stage: Stage) -> None:
    stage.vllm.script = [HANG]
    stage.openai.script = speech.completion()
    await stage.start()

    await stage.ask()

    assert await stage.vllm.only.was_left()


async def test_a_cut_after_the_last_finish_reason_lost_nothing(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hello", finish="stop"), PAUSE, CUT]
    await stage.start()

    answer = await stage.ask(stream=True)

    assert (answer.said, answer.events[-1]) == ("Hello", "[DONE]")


async def test_a_second_choice_that_never_finished_makes_the_answer_incomplete(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("a", finish="stop"), speech.text("b", index=1), PAUSE, speech.END]
    await stage.start()

    answer = await stage.ask(stream=True, n=2)

    assert answer.events[-1]["error"]["code"] == "stream_incomplete"


async def test_the_total_limit_ends_a_stream_in_band(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), HANG]
    await stage.start(limits=replace(LIMITS, total_seconds=0.2, idle_seconds=3.0))

    answer = await stage.ask(stream=True)

    assert "time_limit" in answer.events[-1]["error"]["message"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_two_hanging_tiers_are_waited_for_within_the_limits_only(stage: Stage, stream: bool) -> None:
    stage.vllm.script = stage.openai.script = [HANG]
    await stage.start(limits=replace(LIMITS, first_content_seconds=0.1, total_seconds=0.3))

    answer = await stage.ask(stream=stream)

    assert (answer.status, answer.error["code"]) == (502, "all_tiers_failed")
    assert await stage.openai.only.was_left()


async def test_no_tier_is_asked_when_the_total_limit_has_passed(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), HANG]
    await stage.start(limits=replace(LIMITS, total_seconds=0.2, idle_seconds=3.0))

    answer = await stage.ask()

    assert answer.status == 502
    assert stage.openai.seen == []


async def test_without_external_fallback_the_answer_is_503_with_a_time_to_come_back(stage: Stage) -> None:
    stage.vllm.script = speech.error(500)
    await stage.start(external=False)

    for stream in (False, True):
        answer = await stage.ask(stream=stream)
        assert answer.status == 503
        assert answer.error["code"] == "model_unavailable"
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["x-switchyard-fallback-reason"] == "server_error"
        assert "x-switchyard-tier" not in answer.headers
    assert await stage.metric('switchyard_fallbacks_total{from="vllm",reason="server_error",to="cache"}') == 2
    assert await stage.metric('switchyard_fallbacks_total{from="cache",reason="not_cached",to="none"}') == 2


@pytest.mark.parametrize(
    ("script", "status"),
    [
        pytest.param(speech.error(500), 502, id="500"),
        pytest.param([RESET], 502, id="reset"),
        pytest.param(speech.error(429, headers=["retry-after: 17"]), 503, id="429"),
        pytest.param(speech.error(401), 502, id="our key is wrong"),
        pytest.param(speech.error(404), 502, id="our model is wrong"),
        pytest.param(speech.response(200, {"choices": []}), 502, id="no choices"),
        pytest.param(speech.response(200, {"error": {}}), 502, id="error with 200"),
    ],
)
async def test_when_all_tiers_fail_the_answer_is_never_200(stage: Stage, script: Script, status: int) -> None:
    stage.vllm.script = speech.error(500)
    stage.openai.script = script
    await stage.start()

    answer = await stage.ask()

    assert answer.status == status
    assert answer.error["type"] == "server_error"
    if status == 503:
        assert answer.headers["retry-after"] == "17"
    assert await stage.metric(_requests("5xx", "none")) == 1


async def test_an_opinion_of_openai_about_the_request_passes_through(stage: Stage) -> None:
    stage.vllm.script = speech.error(500)
    stage.openai.script = speech.error(400, "too long")
    await stage.start()

    answer = await stage.ask()

    assert (answer.status, answer.error["message"]) == (400, "too long")


async def test_a_json_answer_to_a_streaming_client_is_no_answer(stage: Stage) -> None:
    stage.vllm.script = speech.completion()
    stage.openai.script = speech.stream("yes")
    await stage.start()

    answer = await stage.ask(stream=True)

    assert answer.said == "yes"


def _requests(status_class: str, tier: str) -> str:
    labels = f'route="chat_completions",status_class="{status_class}",tier="{tier}"'
    return f"switchyard_requests_total{{{labels}}}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def _address_that_drops_packets() -> Iterator[str]:
    """A full backlog: the kernel answers no further SYN."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        try:
            yield f"http://127.0.0.1:{address[1]}"
        finally:
            for one in waiting:
                one.close()
