"""When nobody else answers, an earlier answer to the same request does, and says that it is one."""

from typing import Any

import pytest
from gateway.settings import CachePolicy
from gateway.switches import Mode

from tests.gateway import speech
from tests.gateway.stage import Answered, Stage
from tests.gateway.upstream import Script

MODES = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
DOWN = speech.error(503)


async def kept(stage: Stage, script: Script | None = None, **fields: Any) -> None:
    """An answer to `fields` is in the cache, and the upstreams are down."""
    stage.vllm.script = script or speech.stream("Hel", "lo")
    await stage.ask(**fields)
    assert stage.gateway.parts.cache is not None
    await stage.gateway.parts.cache.stop()  # writes what waits
    stage.vllm.script = stage.openai.script = DOWN


async def switched(stage: Stage, mode: Mode) -> None:
    standing = stage.gateway.parts.standing
    await standing.tables.usage.put([{"pk": "switch", "sk": "tier#cache", "mode": str(mode)}])
    await standing.switches.poll()


def said(answer: Answered, *, stream: bool) -> str:
    return answer.said if stream else answer.json["choices"][0]["message"]["content"]


@MODES
@pytest.mark.parametrize("first_stream", [False, True], ids=["kept-whole", "kept-stream"])
async def test_the_last_tier_answers_as_the_client_asked(stage: Stage, stream: bool, first_stream: bool) -> None:
    await stage.start()
    await kept(stage, stream=first_stream)

    answer = await stage.ask(stream=stream)

    assert (answer.status, said(answer, stream=stream)) == (200, "Hello")
    assert answer.headers["x-switchyard-tier"] == "cache"
    assert answer.headers["x-switchyard-fallback-reason"] == "overloaded"
    assert answer.headers["cache-status"] == "switchyard; hit"
    assert int(answer.headers["age"]) >= 0
    assert await stage.metric('switchyard_fallbacks_total{from="openai",reason="overloaded",to="cache"}') == 1
    assert await stage.metric('switchyard_cache_lookups_total{result="hit"}') == 1
    assert (
        await stage.metric('switchyard_requests_total{route="chat_completions",status_class="2xx",tier="cache"}') == 1
    )


async def test_an_earlier_answer_costs_nothing(stage: Stage) -> None:
    await stage.start()
    await kept(stage)

    answer = await stage.ask()

    assert answer.json["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert stage.logged()[-1]["prompt_tokens"] == 0


@pytest.mark.parametrize(
    "other", [{"temperature": 0.5}, {"messages": [{"role": "user", "content": "Bye"}]}, {"max_tokens": 5}]
)
async def test_another_request_is_not_answered(stage: Stage, other: dict[str, Any]) -> None:
    await stage.start()
    await kept(stage)

    assert (await stage.ask(**other)).status == 503


async def test_no_store_is_neither_kept_nor_looked_for(stage: Stage) -> None:
    await stage.start()
    await kept(stage)
    no_store = {"cache-control": "no-store"}

    assert (await stage.ask(headers=no_store)).status == 503
    assert await stage.metric('switchyard_cache_lookups_total{result="no_store"}') == 1
    stage.vllm.script = speech.stream()
    await stage.ask(headers=no_store, seed=1)
    await stage.ask(headers={"x-switchyard-preview": "token"}, seed=1)
    stage.vllm.script = DOWN
    assert (await stage.ask(seed=1)).status == 503


async def test_a_broken_answer_is_never_kept(stage: Stage) -> None:
    await stage.start()
    await kept(stage, [speech.HEAD, speech.text("Hel"), speech.END], stream=True)

    assert (await stage.ask()).status == 503


async def test_a_cache_that_is_switched_off_is_neither_asked_nor_filled(stage: Stage) -> None:
    await stage.start()
    await switched(stage, Mode.OFF)
    await kept(stage)
    assert (await stage.ask()).status == 503
    await switched(stage, Mode.AUTO)

    assert (await stage.ask()).status == 503
    assert await stage.metric('switchyard_cache_writes_total{result="written"}') == 0


async def test_a_stand_ins_opinion_does_not_count_while_there_is_an_earlier_answer(stage: Stage) -> None:
    await stage.start()
    await kept(stage)
    stage.openai.script = speech.error(400, "no such parameter")

    assert (await stage.ask()).headers["x-switchyard-tier"] == "cache"
    assert (await stage.ask(seed=1)).error["message"] == "no such parameter"


async def test_the_first_tiers_opinion_is_final_whatever_was_kept(stage: Stage) -> None:
    await stage.start()
    await kept(stage)
    stage.vllm.script = speech.error(400, "content policy")

    assert (await stage.ask()).error["message"] == "content policy"
    assert await stage.metric('switchyard_cache_lookups_total{result="hit"}') == 0


async def test_without_a_cache_the_last_tier_is_the_last(stage: Stage) -> None:
    stage.vllm.script = stage.openai.script = DOWN
    await stage.start(cache=None)

    assert (await stage.ask()).status == 503
    assert await stage.metric('switchyard_fallbacks_total{from="openai",reason="overloaded",to="none"}') == 1


async def test_a_large_answer_is_not_kept_but_given(stage: Stage) -> None:
    await stage.start(cache=CachePolicy(answer_bytes=100))
    await kept(stage)

    assert (await stage.ask()).status == 503
    assert await stage.metric('switchyard_cache_writes_total{result="too_large"}') == 1


def much(tokens: int) -> Script:
    """An answer of so many, with 13 KB of log probabilities each."""
    likely = [{"token": "x" * 100, "logprob": -1.0, "bytes": [120] * 100} for _ in range(20)]
    said = speech.chunk({"content": "a"})
    said["choices"][0]["logprobs"] = {"content": [{"token": "a", "logprob": -0.1, "top_logprobs": likely}]}
    return [speech.HEAD, *[speech.sse(said)] * tokens, speech.FINISH, speech.DONE + speech.END]


async def test_an_answer_as_large_as_the_policy_in_effect_allows_is_kept(stage: Stage) -> None:
    await stage.start(cache=CachePolicy(answer_bytes=1024 * 1024))
    await kept(stage, much(40), stream=True)

    answer = await stage.ask(stream=True)

    assert (answer.headers["x-switchyard-tier"], answer.said) == ("cache", "a" * 40)


@pytest.mark.parametrize("policy", [CachePolicy(), CachePolicy(answer_bytes=100_000)], ids=["default", "smaller"])
async def test_an_answer_that_says_far_more_than_is_kept_is_not_even_put_together(
    stage: Stage, policy: CachePolicy
) -> None:
    tokens = policy.answer_bytes // 8_000
    stage.vllm.script = much(tokens)
    await stage.start(cache=policy)

    answer = await stage.ask(stream=True)

    assert answer.said == "a" * tokens
    found = await stage.metrics()
    assert not any(value for name, value in found.items() if name.startswith("switchyard_cache_writes_total"))
