"""What a request took is told once it is over, by metrics, log and limits alike, however it ended."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from gateway.keys.key import Key
from gateway.keys.keyring import digest
from gateway.settings import OpenAiAccount, Price

from tests.gateway import speech
from tests.gateway.stage import LIMITS, Stage
from tests.gateway.upstream import CUT, HANG, PAUSE

MODES = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
PRICED = Price(input_usd_per_million=2.5, output_usd_per_million=10.0)


async def limited(stage: Stage, **limits: Any) -> dict[str, str]:
    """A key with limits, as the header that carries it."""
    key = Key("bob", **limits)
    stage.gateway.parts.standing.keyring.replace({digest(b"sk-bob"): key})
    return {"authorization": "Bearer sk-bob"}


async def tokens(stage: Stage, tier: str) -> tuple[float, float]:
    found = await stage.metrics()
    prompt, completion = (
        f'switchyard_tokens_total{{kind="{kind}",tier="{tier}"}}' for kind in ("prompt", "completion")
    )
    return found[prompt], found[completion]


@MODES
async def test_what_an_answer_took_is_counted_and_logged(stage: Stage, stream: bool) -> None:
    stage.vllm.script = speech.stream()
    await stage.start()

    await stage.ask(stream=stream)

    assert await tokens(stage, "vllm") == (7, 3)
    (line,) = stage.logged()
    assert (line["prompt_tokens"], line["completion_tokens"], line["tokens_are_estimated"]) == (7, 3, False)
    assert (line["tier"], line["model"], line["key"], line["error"]) == ("vllm", speech.MODEL, "alice", None)
    assert line["first_token_seconds"] > 0


async def test_the_paid_tiers_answers_cost_what_its_prices_say(stage: Stage) -> None:
    stage.vllm.script = speech.error(503)
    stage.openai.script = speech.stream(model=speech.OPENAI_MODEL)
    account = OpenAiAccount(f"{stage.openai.url}/v1", "gpt-4o", "sk-openai", price=PRICED)
    await stage.start(openai=account)

    await stage.ask()

    cost_usd = (7 * 2.5 + 3 * 10.0) / 1e6
    assert await stage.metric('switchyard_cost_usd_total{tier="openai"}') == pytest.approx(cost_usd)
    assert stage.logged()[0]["cost_usd"] == pytest.approx(cost_usd)
    assert stage.logged()[0]["model"] == "gpt-4o"


@MODES
async def test_an_upstream_that_does_not_tell_its_usage_is_estimated_and_counted(stage: Stage, stream: bool) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("a"), speech.text("b", finish="stop"), speech.DONE + speech.END]
    await stage.start()

    await stage.ask(stream=stream)

    assert await stage.metric('switchyard_usage_missing_total{tier="vllm"}') == 1
    (line,) = stage.logged()
    assert (line["completion_tokens"], line["tokens_are_estimated"]) == (2, True)


async def test_a_broken_answer_took_what_came_of_it(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("a"), speech.text("b"), PAUSE, CUT]
    await stage.start()

    await stage.ask(stream=True)

    (line,) = stage.logged()
    assert (line["ended"], line["error"], line["completion_tokens"]) == ("incomplete", "stream_incomplete", 2)
    assert await stage.metric('switchyard_errors_total{code="stream_incomplete"}') == 1


async def test_a_broken_answer_that_nobody_saw_costs_what_came_of_it(stage: Stage) -> None:
    stage.openai.script = [speech.HEAD, *[speech.text("a")] * 50, PAUSE, CUT]
    stage.vllm.script = speech.stream()
    account = OpenAiAccount(f"{stage.openai.url}/v1", "gpt-4o", "sk-openai", price=PRICED, aliases={"big": "gpt-4o"})
    await stage.start(openai=account)

    answer = await stage.ask(model="big")

    assert answer.headers["x-switchyard-tier"] == "vllm"
    assert (await tokens(stage, "vllm"), (await tokens(stage, "openai"))[1]) == ((7, 3), 50)
    (line,) = stage.logged()
    assert (line["tier"], line["completion_tokens"], line["tokens_are_estimated"]) == ("vllm", 53, True)
    assert line["cost_usd"] == pytest.approx(await stage.metric('switchyard_cost_usd_total{tier="openai"}'))
    assert line["cost_usd"] >= 50 * 10.0 / 1e6


async def test_a_deadline_that_no_answer_meets_is_no_way_round_a_limit(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, *[speech.text("a"), PAUSE] * 20, HANG]
    await stage.start(external=False, limits=replace(LIMITS, idle_seconds=5.0))
    key = await limited(stage, tokens_per_minute=100)
    soon = {"x-request-deadline-seconds": "0.3"}

    assert (await stage.ask(headers=key | soon, max_tokens=60)).error["code"] == "time_limit"
    assert (await stage.ask(headers=key | soon, max_tokens=60)).status == 429


async def test_nothing_is_counted_for_an_answer_that_never_came(stage: Stage) -> None:
    stage.vllm.script = stage.openai.script = speech.error(503)
    await stage.start()

    await stage.ask()

    assert await tokens(stage, "vllm") == await tokens(stage, "openai") == (0, 0)
    (line,) = stage.logged()
    assert (line["tier"], line["model"], line["cost_usd"], line["error"]) == (None, None, None, "overloaded")


async def test_a_failed_request_gives_back_what_it_had_reserved(stage: Stage) -> None:
    stage.vllm.script = speech.error(503)
    await stage.start(external=False)
    key = await limited(stage, requests_per_minute=1, tokens_per_minute=1000)

    assert (await stage.ask(headers=key)).status == 503
    stage.vllm.script = speech.stream()
    assert (await stage.ask(headers=key)).status == 200
    refused = await stage.ask(headers=key)

    assert (refused.status, refused.error["code"]) == (429, "rate_limit_exceeded")
    assert int(refused.headers["retry-after"]) > 0


async def test_a_rejected_request_gives_back_what_it_had_reserved(stage: Stage) -> None:
    stage.vllm.script = speech.error(400, "unknown role")
    await stage.start()
    key = await limited(stage, requests_per_minute=1)

    for _ in range(3):
        assert (await stage.ask(headers=key)).status == 400


async def test_what_was_reserved_and_not_used_is_given_back(stage: Stage) -> None:
    stage.vllm.script = speech.stream()
    await stage.start()
    key = await limited(stage, tokens_per_minute=300)

    for _ in range(3):  # each reserves about 270 and uses 10
        assert (await stage.ask(headers=key, max_tokens=240)).status == 200


async def test_a_client_that_leaves_before_the_answer_does_not_get_its_place_back(stage: Stage) -> None:
    stage.vllm.script = [HANG]
    await stage.start(limits=replace(LIMITS, first_content_seconds=2.0))
    key = await limited(stage, requests_per_minute=1)

    leaving = asyncio.create_task(stage.ask(headers=key))
    await stage.vllm.saw()
    leaving.cancel()
    await stage.vllm.only.was_left()

    assert (await stage.ask(headers=key)).status == 429


async def test_a_negative_output_limit_reserves_no_less_than_nothing(stage: Stage) -> None:
    stage.vllm.script = speech.error(400, "max_tokens must be at least 1")
    await stage.start()
    key = await limited(stage, tokens_per_minute=100)

    assert (await stage.ask(headers=key, max_tokens=-1_000_000)).status == 400
    assert (await stage.ask(headers=key, max_tokens=1_000)).status == 429


async def test_an_output_limit_of_the_deployment_lowers_what_is_asked_for_and_says_so(stage: Stage) -> None:
    stage.vllm.script = speech.stream()
    await stage.start(limits=replace(LIMITS, output_tokens=100))

    lowered = await stage.ask(max_tokens=5_000)
    kept = await stage.ask(max_tokens=50)

    assert lowered.headers["x-switchyard-output-limit"] == "100"
    assert "x-switchyard-output-limit" not in kept.headers
    first, second = (seen.body for seen in stage.vllm.seen)
    assert (first["max_completion_tokens"], second["max_tokens"]) == (100, 50)


async def test_a_prompt_over_the_deployments_limit_is_refused_with_both_numbers(stage: Stage) -> None:
    await stage.start(limits=replace(LIMITS, prompt_characters=1_000))

    answer = await stage.ask(messages=[{"role": "user", "content": "x" * 1_001}])

    assert (answer.status, answer.error["code"]) == (400, "prompt_too_long")
    assert "1001" in answer.error["message"] and "1000" in answer.error["message"]
    assert stage.vllm.seen == []


async def test_a_body_that_is_nested_too_deep_is_refused(stage: Stage) -> None:
    await stage.start()
    deep: Any = "x"
    for _ in range(70):
        deep = [deep]

    assert (await stage.ask(metadata=deep)).error["code"] == "nested_too_deep"
