"""A prompt that is too long for vLLM goes on to OpenAI. Where that will give no answer, the client hears vLLM's own
word, for it can shorten its prompt; where OpenAI may answer the next time, it hears that it may ask again."""

from dataclasses import replace

import pytest
from gateway.breaker import BreakerState
from gateway.outcome import Reason, StatusClass, TierName
from gateway.settings import BreakerPolicy, Price
from gateway.switches import Mode

from tests.gateway import speech
from tests.gateway.faults.counted import fallback, request
from tests.gateway.faults.observed import LONG, SHORT_SECONDS, counters, risen
from tests.gateway.faults.test_choices import DOWN, MODES, PAID, TOO_LONG, asked, came_from, switch
from tests.gateway.stage import Answered, Stage, account_at
from tests.gateway.upstream import CUT, HANG, PAUSE, RESET, Script, Step

VLLM, OPENAI, CACHE = TierName
HEL: list[bytes | Step] = [speech.HEAD, speech.text("Hel", model=speech.OPENAI_MODEL), PAUSE]
CENT = Price(input_usd_per_million=1000.0, output_usd_per_million=1000.0)  # for ten tokens


def is_vllms_own(answer: Answered) -> bool:
    assert came_from(answer) == ("vllm", "context_length")
    assert "x-switchyard-dropped-parameters" not in answer.headers
    return answer.status == 400 and "8192 tokens" in answer.error["message"]


def counted(reason: Reason) -> dict[str, float]:
    return {
        request(StatusClass.CLIENT_ERROR, VLLM): 1,
        fallback(VLLM, OPENAI, Reason.CONTEXT_LENGTH): 1,
        fallback(OPENAI, CACHE, reason): 1,
        fallback(CACHE, None, Reason.NOT_CACHED): 1,
        'switchyard_cache_lookups_total{result="miss"}': 1,
    }


@MODES
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(speech.error(401), Reason.REFUSED, id="our key is wrong"),
        pytest.param(speech.error(400, "Our policy is against this."), Reason.REJECTED, id="rejected"),
    ],
)
async def test_when_the_larger_tier_will_give_no_answer_the_client_hears_that_its_prompt_is_too_long(
    stage: Stage, script: Script, reason: Reason, stream: bool
) -> None:
    stage.vllm.script, stage.openai.script = TOO_LONG, script
    await stage.start(limits=LONG)

    assert is_vllms_own(await stage.ask(stream=stream, top_k=3))

    assert risen({}, counters(stage)) == counted(reason)
    (line,) = stage.logged()
    assert (line["tier"], line["model"], line["status"], line["error"]) == ("vllm", speech.MODEL, 400, None)


@MODES
@pytest.mark.parametrize(
    ("script", "status", "code"),
    [
        pytest.param(DOWN, 503, "overloaded", id="overloaded"),
        pytest.param(speech.error(429), 503, "overloaded", id="rate limited"),
        pytest.param([RESET], 502, "all_tiers_failed", id="reset"),
        pytest.param([speech.HEAD, speech.END], 502, "all_tiers_failed", id="empty"),
    ],
)
async def test_when_the_larger_tier_may_answer_the_next_time_the_client_hears_to_ask_again(
    stage: Stage, script: Script, status: int, code: str, stream: bool
) -> None:
    stage.vllm.script, stage.openai.script = TOO_LONG, script
    await stage.start(limits=LONG)

    answer = await stage.ask(stream=stream)

    assert (answer.status, answer.error["code"], came_from(answer)) == (status, code, (None, "context_length"))


@MODES
async def test_a_larger_tier_that_is_left_alone_or_has_cost_its_month_is_not_asked_and_changes_nothing(
    stage: Stage, stream: bool
) -> None:
    stage.vllm.script, stage.openai.script = TOO_LONG, lambda seen: PAID if seen.number == 1 else DOWN
    account = account_at(stage.openai.url, price=CENT, monthly_cap_usd=0.01)
    await stage.start(limits=LONG, openai=account)

    assert came_from(await stage.ask(stream=stream)) == ("openai", "context_length")
    before = counters(stage)
    assert is_vllms_own(await stage.ask(stream=stream))

    assert risen(before, counters(stage)) == counted(Reason.SPENDING_CAP)
    assert asked(stage) == (2, 1)


async def test_a_larger_tier_whose_breaker_is_open_may_answer_the_next_time(stage: Stage) -> None:
    stage.vllm.script, stage.openai.script = TOO_LONG, [speech.HEAD, speech.END]
    await stage.start(limits=LONG, breaker=BreakerPolicy(failures=1))
    await stage.ask()
    assert stage.gateway.parts.breakers[OPENAI].state is BreakerState.OPEN

    before = counters(stage)
    assert (await stage.ask()).status == 503

    rose = risen(before, counters(stage))
    assert rose[fallback(OPENAI, CACHE, Reason.BREAKER_OPEN)] == 1
    assert asked(stage) == (2, 1)


async def test_a_larger_tier_that_is_switched_off_is_as_good_as_none(stage: Stage) -> None:
    stage.vllm.script, stage.openai.script = TOO_LONG, PAID
    await stage.start(limits=LONG)
    await switch(stage, OPENAI, Mode.OFF)

    answer = await stage.ask()

    assert (answer.status, came_from(answer), asked(stage)) == (400, ("vllm", None), (1, 0))


async def test_a_larger_tier_that_takes_all_the_time_could_be_given_more(stage: Stage) -> None:
    stage.vllm.script, stage.openai.script = TOO_LONG, [*HEL, HANG]
    await stage.start(limits=replace(LONG, total_seconds=SHORT_SECONDS))

    answer = await stage.ask()

    assert (answer.status, answer.error["code"]) == (502, "time_limit")


async def test_what_the_larger_tier_said_before_it_broke_off_is_paid_for(stage: Stage) -> None:
    stage.vllm.script, stage.openai.script = TOO_LONG, [*HEL, CUT]
    await stage.start(limits=LONG, openai=account_at(stage.openai.url, price=CENT))

    assert (await stage.ask()).status == 502

    (line,) = stage.logged()
    assert line["cost_usd"] > 0 and line["completion_tokens"] == 1
    assert await stage.metric('switchyard_cost_usd_total{tier="openai"}') == pytest.approx(line["cost_usd"])
    assert await stage.metric('switchyard_tokens_total{kind="prompt",tier="vllm"}') == 0


async def test_without_a_cache_it_is_the_same(stage: Stage) -> None:
    stage.vllm.script, stage.openai.script = TOO_LONG, speech.error(400, "Our policy is against this.")
    await stage.start(limits=LONG, cache=None)

    assert is_vllms_own(await stage.ask())


async def test_an_earlier_answer_is_better_than_a_rejection(stage: Stage) -> None:
    stage.vllm.script = TOO_LONG
    stage.openai.script = lambda seen: PAID if seen.number == 1 else DOWN
    await stage.start(limits=LONG)
    await stage.ask()
    assert stage.gateway.parts.cache is not None
    await stage.gateway.parts.cache.stop()  # which writes what waits

    assert came_from(await stage.ask()) == ("cache", "context_length")
