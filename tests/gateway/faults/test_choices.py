"""Tiers that are left, or asked first, by choice: an operator's, a key's, a budget's, a queue's, a prompt's length."""

import pytest
from gateway.keys.key import Key
from gateway.keys.keyring import digest
from gateway.outcome import Reason, TierName
from gateway.settings import BreakerPolicy, Price
from gateway.switches import Mode

from tests.gateway import speech
from tests.gateway.faults.counted import fallback
from tests.gateway.faults.observed import LONG
from tests.gateway.stage import Answered, Stage, account_at
from tests.gateway.transport.peer import soon
from tests.gateway.upstream import CUT, HANG, PAUSE, Script, Seen

MODES = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
TOO_LONG = speech.error(400, "This model's maximum context length is 8192 tokens. Shorten it.")
WELL = speech.stream("From vLLM")
PAID = speech.stream("From OpenAI")
DOWN = speech.error(503)
NEVER = Key("secret", external_fallback=False)
NEVER_LEAVES = {"authorization": "Bearer sk-secret"}


async def switch(stage: Stage, tier: TierName, mode: Mode) -> None:
    standing = stage.gateway.parts.standing
    await standing.tables.usage.put([{"pk": "switch", "sk": f"tier#{tier}", "mode": str(mode)}])
    await standing.switches.poll()


def came_from(answer: Answered) -> tuple[str | None, str | None]:
    return answer.headers.get("x-switchyard-tier"), answer.headers.get("x-switchyard-fallback-reason")


def asked(stage: Stage) -> tuple[int, int]:
    return len(stage.vllm.seen), len(stage.openai.seen)


@MODES
async def test_an_alias_of_openai_goes_there_first_and_to_vllm_when_it_fails(stage: Stage, stream: bool) -> None:
    stage.vllm.script, stage.openai.script = WELL, lambda seen: PAID if seen.number == 1 else DOWN
    await stage.start(limits=LONG, openai=account_at(stage.openai.url, aliases={"smart": "gpt-4o"}))

    first = await stage.ask(model="smart", stream=stream)
    second = await stage.ask(model="smart", stream=stream)

    assert (came_from(first), came_from(second)) == (("openai", None), ("vllm", "overloaded"))
    assert asked(stage) == (1, 2) and stage.vllm.only.body["model"] == speech.MODEL
    assert await stage.metric(fallback(TierName.OPENAI, TierName.VLLM, Reason.OVERLOADED)) == 1


@MODES
async def test_a_prompt_that_may_not_leave_never_does_even_when_openai_is_forced(stage: Stage, stream: bool) -> None:
    stage.vllm.script, stage.openai.script = lambda seen: WELL if seen.number == 1 else DOWN, PAID
    await stage.start(limits=LONG, openai=account_at(stage.openai.url, aliases={"smart": "gpt-4o"}))
    stage.gateway.parts.standing.keyring.replace({digest(b"sk-secret"): NEVER})
    await switch(stage, TierName.OPENAI, Mode.FORCE)

    answered = await stage.ask(headers=NEVER_LEAVES, model="smart", stream=stream)
    refused = await stage.ask(headers=NEVER_LEAVES, stream=stream)

    assert came_from(answered)[0] == "vllm"
    assert (refused.status, refused.error["code"]) == (503, "model_unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert asked(stage) == (2, 0)


@MODES
async def test_a_forced_tier_is_asked_first_and_one_that_is_off_is_not_asked(stage: Stage, stream: bool) -> None:
    stage.vllm.script, stage.openai.script = WELL, PAID
    await stage.start(limits=LONG)

    await switch(stage, TierName.OPENAI, Mode.FORCE)
    assert came_from(await stage.ask(stream=stream)) == ("openai", "switched")
    await switch(stage, TierName.OPENAI, Mode.OFF)
    assert came_from(await stage.ask(stream=stream)) == ("vllm", None)
    await switch(stage, TierName.VLLM, Mode.OFF)
    nobody = await stage.ask(stream=stream)

    assert (nobody.status, nobody.error["code"]) == (503, "model_unavailable")
    assert asked(stage) == (1, 1)


async def test_forcing_vllm_goes_past_its_open_breaker_and_still_falls_over(stage: Stage) -> None:
    stage.vllm.script, stage.openai.script = [speech.HEAD, PAUSE, CUT], PAID
    await stage.start(limits=LONG, breaker=BreakerPolicy(failures=1))
    await stage.ask()
    assert came_from(await stage.ask()) == ("openai", "breaker_open")

    await switch(stage, TierName.VLLM, Mode.FORCE)

    assert came_from(await stage.ask()) == ("openai", "empty_stream")
    assert asked(stage) == (2, 3)


@MODES
async def test_a_tier_that_has_cost_its_month_is_not_asked(stage: Stage, stream: bool) -> None:
    stage.vllm.script, stage.openai.script = DOWN, PAID
    price = Price(input_usd_per_million=1000.0, output_usd_per_million=1000.0)
    await stage.start(limits=LONG, openai=account_at(stage.openai.url, price=price, monthly_cap_usd=0.01))

    within = await stage.ask(stream=stream)  # 10 tokens, a cent
    over = await stage.ask(stream=stream)

    assert came_from(within) == ("openai", "overloaded")
    assert (over.status, over.error["type"]) == (502, "server_error") and "spending_cap" in over.error["message"]
    assert asked(stage) == (2, 1)
    assert await stage.metric(fallback(TierName.OPENAI, TierName.CACHE, Reason.SPENDING_CAP)) == 1


@MODES
async def test_a_long_queue_at_vllm_sends_requests_to_openai_and_back_when_that_fails(
    stage: Stage, stream: bool
) -> None:
    stage.vllm.script = lambda seen: queue_of(7) if seen.path == "/metrics" else WELL
    stage.openai.script = lambda seen: PAID if seen.number == 1 else DOWN
    await stage.start(limits=LONG, overflow_queue_depth=7)
    await soon(lambda: len(stage.vllm.seen) > 0)
    await settled(stage)

    first = await stage.ask(stream=stream)
    second = await stage.ask(stream=stream)

    assert came_from(first) == ("openai", "overflow")
    assert came_from(second) == ("vllm", "overflow"), "a queue is better than nothing"
    assert completions(stage.vllm.seen) == 1


async def test_a_queue_that_is_short_or_not_known_is_no_reason(stage: Stage) -> None:
    stage.vllm.script = lambda seen: queue_of(6) if seen.path == "/metrics" else WELL
    await stage.start(limits=LONG, overflow_queue_depth=7)
    await soon(lambda: len(stage.vllm.seen) > 0)
    await settled(stage)

    assert came_from(await stage.ask()) == ("vllm", None)


@MODES
async def test_more_than_openai_may_have_at_once_is_not_put_on_it(stage: Stage, stream: bool) -> None:
    stage.vllm.script, stage.openai.script = DOWN, [HANG]
    await stage.start(limits=LONG, openai=account_at(stage.openai.url, in_flight=1, first_content_seconds=20))
    waiting = await stage.connect(stream=stream)
    await stage.openai.saw()

    refused = await stage.ask(stream=stream)
    waiting.close()

    assert (refused.status, refused.error["code"]) == (503, "overloaded")
    assert "busy" in refused.error["message"] and int(refused.headers["retry-after"]) > 0
    assert asked(stage) == (2, 1)
    assert await stage.metric(fallback(TierName.OPENAI, TierName.CACHE, Reason.BUSY)) == 1


@MODES
@pytest.mark.parametrize(("takes_tokens", "status"), [(8192, 400), (8193, 200)])
async def test_a_prompt_that_is_too_long_goes_on_only_to_who_takes_more(
    stage: Stage, takes_tokens: int, status: int, stream: bool
) -> None:
    stage.vllm.script, stage.openai.script = TOO_LONG, PAID
    await stage.start(limits=LONG, openai=account_at(stage.openai.url, context_tokens=takes_tokens))

    answer = await stage.ask(stream=stream)

    assert answer.status == status
    assert asked(stage) == (1, int(status == 200))
    if status == 400:
        assert "8192 tokens" in answer.error["message"] and came_from(answer) == ("vllm", None)


def queue_of(waiting: int) -> Script:
    page = b'vllm:num_requests_waiting{engine="0"} %d.0\n' % waiting
    return [b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n%s" % (len(page), page)]


async def settled(stage: Stage) -> None:
    """The queue was read by the gateway, not only told."""
    (job,) = stage.gateway.parts.jobs
    await soon(lambda: job.seconds_since_success() is not None)


def completions(seen: list[Seen]) -> int:
    return sum(one.path.endswith("/completions") for one in seen)
