"""An upstream in trouble and many requests at once: who is asked how often, and by whose clock."""

import asyncio
import time
from collections.abc import Callable, Iterator
from itertools import chain

import pytest
from gateway.breaker import BreakerState
from gateway.outcome import TierName
from gateway.settings import AdmissionPolicy, BreakerPolicy, RetryPolicy

from tests.gateway import speech
from tests.gateway.breakers import state_of
from tests.gateway.faults.caches import EARLIER, tables
from tests.gateway.faults.observed import LONG
from tests.gateway.stage import Stage, account_at
from tests.gateway.upstream import CUT, PAUSE, Script, Seen, Step

CRASH: Script = [speech.HEAD, PAUSE, CUT]
MANY = 200
ROOM = AdmissionPolicy(in_flight=MANY)
A_DAY_SECONDS = 86_400.0


def held_until(condition: Callable[[], bool]) -> Iterator[Step]:
    while not condition():
        yield PAUSE


async def test_of_200_requests_at_once_half_open_sends_one_to_vllm_and_all_are_answered(stage: Stage) -> None:
    def first_crashes_then_waits_for_all(seen: Seen) -> Script:
        if seen.number == 1:
            return CRASH
        return chain(held_until(lambda: len(stage.openai.seen) == MANY), speech.stream("Back"))

    stage.vllm.script = first_crashes_then_waits_for_all
    stage.openai.script = speech.stream("From OpenAI")
    account = account_at(stage.openai.url, in_flight=MANY)
    await stage.start(openai=account, limits=LONG, admission=ROOM, breaker=BreakerPolicy(failures=1, open_seconds=0.3))
    await stage.ask()
    breaker = stage.gateway.parts.breakers[TierName.VLLM]
    assert state_of(breaker) is BreakerState.OPEN
    await asyncio.sleep(breaker.seconds_left() + 0.01)

    answers = await asyncio.gather(*[stage.ask(stream=bool(number % 2)) for number in range(MANY)])

    assert {answer.status for answer in answers} == {200}
    tiers = [answer.headers["x-switchyard-tier"] for answer in answers]
    assert (tiers.count("vllm"), tiers.count("openai")) == (1, MANY - 1)
    assert len(stage.vllm.seen) == 2 and len(stage.openai.seen) == MANY
    assert state_of(breaker) is BreakerState.CLOSED


async def test_a_probe_with_a_long_answer_keeps_nobody_from_a_healthy_upstream(stage: Stage) -> None:
    others_answered = asyncio.Event()

    def one_crash_then_a_long_answer(seen: Seen) -> Script:
        if seen.number == 1:
            return CRASH
        if seen.number == 2:
            begun: Script = [speech.HEAD, speech.text("Long")]
            return chain(begun, held_until(others_answered.is_set), [speech.FINISH, speech.DONE + speech.END])
        return speech.stream("Back")

    stage.vllm.script = one_crash_then_a_long_answer
    stage.openai.script = speech.stream("From OpenAI")
    await stage.start(limits=LONG, breaker=BreakerPolicy(failures=1, open_seconds=0.1, probe_seconds=0.3))
    await stage.ask()
    breaker = stage.gateway.parts.breakers[TierName.VLLM]
    await asyncio.sleep(breaker.seconds_left() + 0.01)
    probe = asyncio.create_task(stage.ask(stream=True))
    await stage.vllm.saw(2)

    assert (await stage.ask()).headers["x-switchyard-tier"] == "openai"
    await asyncio.sleep(0.4)
    assert state_of(breaker) is BreakerState.CLOSED
    assert (await stage.ask()).headers["x-switchyard-tier"] == "vllm"
    others_answered.set()
    assert (await probe).said == "Long"


async def test_when_all_fail_at_once_few_are_asked_for_twice(stage: Stage) -> None:
    """Second tries are at most a tenth of what is in flight, however many requests failed together."""
    together = 60
    policy = RetryPolicy()

    def fails_once_all_are_there(seen: Seen) -> Script:
        # A second try ends when each has been put somewhere: those that had ended before would make room for others.
        expected = together if seen.number <= together else 2 * together
        return chain(held_until(lambda: len(stage.vllm.seen) + len(stage.openai.seen) >= expected), speech.error(500))

    stage.vllm.script = fails_once_all_are_there
    stage.openai.script = speech.stream("From OpenAI")
    await stage.start(
        openai=account_at(stage.openai.url, in_flight=together), limits=LONG, breaker=BreakerPolicy(failures=10_000)
    )

    answers = await asyncio.gather(*[stage.ask() for _ in range(together)])

    assert {answer.status for answer in answers} == {200}
    second_tries = len(stage.vllm.seen) - together
    # None on a machine that takes half a second until all are there: what fails so late is not asked again.
    assert second_tries <= max(policy.minimum, policy.share * together)
    assert await stage.metric('switchyard_retries_total{tier="vllm"}') == second_tries


async def test_an_open_breaker_ends_the_asking(stage: Stage) -> None:
    stage.vllm.script = speech.error(500)
    stage.openai.script = speech.stream("From OpenAI")
    await stage.start(limits=LONG)

    answers = [await stage.ask() for _ in range(30)]

    assert {answer.headers["x-switchyard-tier"] for answer in answers} == {"openai"}
    assert len(stage.vllm.seen) <= 2 * BreakerPolicy().failures


@pytest.mark.parametrize("jump_seconds", [A_DAY_SECONDS, -A_DAY_SECONDS], ids=["forwards", "backwards"])
async def test_a_wall_clock_that_jumps_neither_ends_an_outage_nor_an_earlier_answer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, jump_seconds: float
) -> None:
    stage.vllm.script = CRASH
    stage.openai.script = speech.error(503)
    async with tables(None) as held:
        await stage.start(held_tables=held, limits=LONG, breaker=BreakerPolicy(failures=1))
        await stage.ask()
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + jump_seconds)

        answer = await stage.ask()

        assert answer.json["choices"][0]["message"]["content"] == EARLIER
        assert 60 <= int(answer.headers["age"]) < 600
        breaker = stage.gateway.parts.breakers[TierName.VLLM]
        assert breaker.state is BreakerState.OPEN and 0 < breaker.seconds_left() <= 60
    assert len(stage.vllm.seen) == 1
