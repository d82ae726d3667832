"""Falling over from vLLM to OpenAI: in which order, until when, and what is told when nobody answers.

For which failures is said by the table in tests/gateway/faults.
"""

from dataclasses import replace

import pytest

from tests.gateway import speech
from tests.gateway.stage import LIMITS, Stage
from tests.gateway.upstream import HANG, PAUSE, RESET, Script


async def test_vllm_is_left_before_openai_is_asked(stage: Stage) -> None:
    stage.vllm.script = [HANG]
    stage.openai.script = speech.completion()
    await stage.start()

    await stage.ask()

    assert await stage.vllm.only.was_left()


async def test_a_second_choice_that_never_finished_makes_the_answer_incomplete(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("a", finish="stop"), speech.text("b", index=1), PAUSE, speech.END]
    await stage.start()

    answer = await stage.ask(stream=True, n=2)

    assert answer.events[-1]["error"]["code"] == "stream_incomplete"


@pytest.mark.parametrize("end", ["abort", "error"])
async def test_an_answer_that_its_model_gave_up_is_not_whole(stage: Stage, end: str) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), PAUSE, speech.text("", finish=end), speech.DONE + speech.END]
    stage.openai.script = speech.completion()
    await stage.start()

    assert (await stage.ask(stream=True)).events[-1]["error"]["code"] == "stream_incomplete"
    assert (await stage.ask()).json["choices"][0]["message"]["content"] == "Hello from OpenAI"


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
