"""When an answer is found, when it is kept, and what keeping and looking may cost when the table is in trouble."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from gateway.cache.cache import Cache
from gateway.cache.outcome import CacheLookup, CacheWrite
from gateway.endpoints import TEXT
from gateway.outcome import TierName
from gateway.settings import CachePolicy
from gateway.tables.memory import MemoryTable

from tests.gateway.cache.stage import NO_USAGE, SERVED, answer, cache_stage, question, said
from tests.gateway.tables.account import moto_table

LENGTHY = {"index": 0, "message": {"role": "assistant", "content": "Hel"}, "finish_reason": "length"}


async def test_an_answer_that_was_kept_is_found_with_its_age_and_without_its_usage() -> None:
    async with cache_stage() as stage:
        await stage.keeps(question())
        stage.now += 90
        found = await stage.finds(question())
    assert said(found)["choices"][0]["message"]["content"] == "Hello!"
    assert said(found)["usage"] == NO_USAGE
    assert found is not None and (found.tier, found.model, found.age_seconds) == ("vllm", "resume", 90)
    assert stage.writes == {CacheWrite.WRITTEN: 1}
    assert stage.lookups == {CacheLookup.HIT: 1}


async def test_the_same_question_is_found_however_its_answer_is_to_be_carried() -> None:
    async with cache_stage() as stage:
        await stage.keeps(question())
        streamed = {"stream": True, "stream_options": {"include_usage": True}, "user": "ana"}
        assert await stage.finds(question(request=streamed))


@pytest.mark.parametrize(
    "other", [{"tenant": "another"}, {"endpoint": TEXT}, {"request": {"seed": 2}}, {"request": {"model": "smart"}}]
)
async def test_no_other_question_finds_it(other: dict[str, Any]) -> None:
    async with cache_stage() as stage:
        await stage.keeps(question())
        assert await stage.finds(question(**other)) is None
    assert stage.lookups == {CacheLookup.MISS: 1}


@pytest.mark.parametrize("other", [{"model": "other"}, {"revision": "0000"}])
async def test_a_task_of_another_model_or_revision_does_not_find_it(other: dict[str, str]) -> None:
    async with cache_stage() as stage:
        await stage.keeps(question())
        assert await stage.another(served=replace(SERVED, **other)).find(question()) is None
        assert await stage.another().find(question())


async def test_the_latest_answer_is_the_one_that_is_found() -> None:
    async with cache_stage() as stage:
        await stage.keeps(question(), answer("old"))
        stage.now += 60
        await stage.keeps(question(), answer("new"))
        found = await stage.finds(question())
    assert said(found)["choices"][0]["message"]["content"] == "new"
    assert found is not None and found.age_seconds == 0


async def test_an_expired_answer_is_a_miss_of_its_own_kind() -> None:
    async with cache_stage(max_age_seconds=60.0) as stage:
        await stage.keeps(question())
        stage.now += 61
        assert await stage.finds(question()) is None
    assert stage.lookups == {CacheLookup.EXPIRED: 1}


async def test_an_item_that_cannot_be_read_is_a_miss_of_its_own_kind() -> None:
    async with cache_stage() as stage:
        await stage.keeps(question())
        item = await stage.item(question())
        assert item is not None
        await stage.table.put([item | {"body": b"something else"}])
        assert await stage.finds(question()) is None
    assert stage.lookups == {CacheLookup.UNREADABLE: 1}


async def test_a_table_that_fails_is_a_miss() -> None:
    async with cache_stage() as stage:
        stage.table.broken = True
        assert await stage.finds(question()) is None
    assert stage.lookups == {CacheLookup.ERROR: 1}


async def test_a_table_that_does_not_answer_is_a_miss_within_the_limit() -> None:
    async with cache_stage() as stage:
        stage.table.gate.clear()
        async with asyncio.timeout(2):
            assert await stage.another(lookup_seconds=0.05).find(question()) is None
        stage.table.gate.set()
    assert stage.lookups == {CacheLookup.SLOW: 1}


async def test_who_wants_nothing_stored_is_given_nothing_stored_either() -> None:
    async with cache_stage() as stage:
        await stage.keeps(question(no_store=True))
        assert await stage.item(question()) is None
        await stage.keeps(question())
        assert await stage.finds(question(no_store=True)) is None
    assert stage.writes == {CacheWrite.NO_STORE: 1, CacheWrite.WRITTEN: 1}
    assert stage.lookups == {CacheLookup.NO_STORE: 1}


async def test_a_candidate_keeps_nothing_until_it_is_live_and_finds_what_others_kept() -> None:
    async with cache_stage() as stage:
        stage.is_live = False
        await stage.keeps(question())
        assert await stage.finds(question()) is None
        stage.is_live = True
        await stage.keeps(question())
        stage.is_live = False
        assert await stage.finds(question())
    assert stage.writes == {CacheWrite.NOT_LIVE: 1, CacheWrite.WRITTEN: 1}


async def test_what_came_through_a_preview_rule_is_not_kept() -> None:
    async with cache_stage() as stage:
        await stage.keeps(question(previewed=True))
        assert await stage.item(question()) is None
    assert stage.writes == {CacheWrite.NOT_LIVE: 1}


async def test_an_answer_above_the_limit_is_not_kept_and_one_at_the_limit_is() -> None:
    body = answer("a" * 1000)
    async with cache_stage(answer_bytes=len(body)) as stage:
        await stage.keeps(question(), body)
        await stage.keeps(question(), body + b" ")
    assert stage.writes == {CacheWrite.WRITTEN: 1, CacheWrite.TOO_LARGE: 1}


@pytest.mark.parametrize(
    "choices",
    [
        [{"index": 0, "message": {"role": "assistant", "content": "Hel"}, "finish_reason": "content_filter"}],
        [{"index": 0, "message": {"role": "assistant", "content": "Hel"}, "finish_reason": "abort"}],
        [{"index": 0, "message": {"role": "assistant", "content": "Hel"}, "finish_reason": None}],
        [{"index": 0, "finish_reason": "stop"}],
        [LENGTHY, {"index": 1, "message": {"role": "assistant", "content": ""}, "finish_reason": None}],
    ],
)
async def test_only_a_whole_and_good_answer_is_kept(choices: list[dict[str, Any]]) -> None:
    async with cache_stage() as stage:
        await stage.keeps(question(), answer(choices=choices))
        assert await stage.item(question()) is None
    assert stage.writes == {CacheWrite.NOT_GOOD: 1}


async def test_an_answer_that_reached_the_length_it_was_allowed_is_good() -> None:
    async with cache_stage() as stage:
        await stage.keeps(question(), answer(choices=[LENGTHY]))
        assert await stage.finds(question())


async def test_keeping_does_not_wait_even_for_a_table_that_hangs() -> None:
    async with cache_stage() as stage:
        stage.table.gate.clear()
        stage.cache.keep(question(), answer, TierName.OPENAI, "gpt-4o")
        assert stage.writes == {}
        stage.table.gate.set()
        await stage.cache.stop()
    assert stage.writes == {CacheWrite.WRITTEN: 1}


async def test_what_is_not_kept_is_not_even_made() -> None:
    def never() -> bytes:
        raise AssertionError

    async with cache_stage() as stage:
        stage.cache.keep(question(no_store=True), never, TierName.VLLM, "resume")
        stage.is_live = False
        stage.cache.keep(question(), never, TierName.VLLM, "resume")


async def test_a_full_queue_drops_what_comes_then_and_counts_it() -> None:
    async with cache_stage() as stage:
        for number in range(300):
            stage.cache.keep(question(request={"seed": number}), answer, TierName.VLLM, "resume")
        assert stage.writes == {CacheWrite.QUEUE_FULL: 300 - 256}
        await stage.cache.stop()
    assert stage.writes == {CacheWrite.QUEUE_FULL: 44, CacheWrite.WRITTEN: 256}


async def test_large_answers_fill_the_queue_sooner() -> None:
    async with cache_stage() as stage:
        large = answer("a" * 250_000)
        for _ in range(100):
            stage.cache.keep(question(), lambda: large, TierName.VLLM, "resume")
        assert 60 <= 100 - stage.writes[CacheWrite.QUEUE_FULL] <= 70


async def test_the_job_writes_many_answers_with_few_calls_while_the_task_runs() -> None:
    async with cache_stage() as stage:
        cache = stage.another(write_seconds=0.01)
        for number in range(30):
            cache.keep(question(request={"seed": number}), answer, TierName.VLLM, "resume")
        await cache.start()
        await stage.counts_writes(30)
        await cache.stop()
    assert stage.table.puts == 2


async def test_what_a_table_did_not_take_is_counted_and_later_answers_are_tried() -> None:
    async with cache_stage() as stage:
        stage.table.broken = True
        await stage.keeps(question())
        stage.table.broken = False
        assert await stage.finds(question()) is None
        await stage.keeps(question())
        assert await stage.finds(question())
    assert stage.writes == {CacheWrite.ERROR: 1, CacheWrite.WRITTEN: 1}


async def test_the_end_waits_only_so_long_for_a_table_that_hangs() -> None:
    async with cache_stage() as stage:
        stage.table.gate.clear()
        stage.cache.keep(question(), answer, TierName.VLLM, "resume")
        async with asyncio.timeout(2):
            await stage.cache.stop(0.05)
        stage.table.gate.set()
    assert stage.writes == {CacheWrite.ERROR: 1}


async def test_a_gateway_without_tables_holds_so_many_answers_and_no_more() -> None:
    async with cache_stage(entries=2) as stage:
        cache = stage.another(table=MemoryTable(stage.policy.entries))
        for number in range(3):
            cache.keep(question(request={"seed": number}), answer, TierName.VLLM, "resume")
        await cache.stop()
        found = [await cache.find(question(request={"seed": number})) is not None for number in range(3)]
    assert found == [False, True, True]


async def test_the_clock_of_a_task_is_the_time_of_day() -> None:
    cache = Cache(MemoryTable(), CachePolicy(), SERVED, lambda: True, lambda _: None, lambda _: None)
    cache.keep(question(), answer, TierName.VLLM, "resume")
    await cache.stop()
    found = await cache.find(question())
    assert found is not None and found.age_seconds <= 60


async def test_answers_survive_in_dynamodb() -> None:
    with moto_table() as table:
        async with cache_stage() as stage:
            writing, reading = stage.another(table=table), stage.another(table=table)
            writing.keep(question(), answer, TierName.OPENAI, "gpt-4o")
            writing.keep(question(), lambda: answer("later"), TierName.OPENAI, "gpt-4o")
            await writing.stop()
            stage.now += 5
            found = await reading.find(question())
    assert said(found)["choices"][0]["message"]["content"] == "later"
    assert found is not None and (found.tier, found.model, found.age_seconds) == ("openai", "gpt-4o", 5)
