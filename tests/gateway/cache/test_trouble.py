"""What looking for an answer and keeping one come to when DynamoDB is in trouble."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from gateway.cache.cache import Cache
from gateway.cache.cached import written
from gateway.cache.outcome import CacheLookup, CacheWrite
from gateway.outcome import TierName
from gateway.settings import CachePolicy
from gateway.tables.client import DynamoClient
from gateway.tables.dynamo import DynamoTable

from tests.gateway.cache.stage import NOW, CacheStage, answer, cache_stage, question
from tests.gateway.tables.account import REGION, TABLE, scripted

ABSENT = (400, {"__type": "ResourceNotFoundException", "message": "Requested resource not found"})
THROTTLED = (400, {"__type": "ProvisionedThroughputExceededException", "message": "slow down"})
DENIED = (400, {"__type": "AccessDeniedException", "message": "not you"})
BROKEN = (500, {"__type": "InternalServerError", "message": "sorry"})
SILENCE = None
LARGEST_ITEM_BYTES = 400 * 1024  # DynamoDB's quota


@asynccontextmanager
async def over_dynamodb(stage: CacheStage, lookup_seconds: float = 10) -> AsyncIterator[Cache]:
    client = DynamoClient(REGION)
    await asyncio.to_thread(client.ready)  # or the first call would take the time that making it takes
    table = DynamoTable(client, TABLE)
    try:
        yield stage.another(table=table, lookup_seconds=lookup_seconds)
    finally:
        table.close()


@pytest.mark.parametrize("trouble", [ABSENT, THROTTLED, DENIED, BROKEN])
async def test_a_table_that_is_absent_throttled_or_broken_is_a_miss_and_a_loss(
    trouble: tuple[int, dict[str, object]],
) -> None:
    with scripted(trouble):
        async with cache_stage() as stage, over_dynamodb(stage) as cache:
            assert await cache.find(question()) is None
            cache.keep(question(), answer, TierName.VLLM, "resume")
            await cache.stop()
    assert stage.lookups == {CacheLookup.ERROR: 1}
    assert stage.writes == {CacheWrite.ERROR: 1}


async def test_a_silent_table_is_left_within_the_limit() -> None:
    with scripted(SILENCE):
        async with cache_stage() as stage, over_dynamodb(stage, 0.1) as cache:
            assert await cache.find(question()) is None
    assert stage.lookups == {CacheLookup.SLOW: 1}


def test_the_largest_answer_fits_into_an_item_even_if_nothing_of_it_can_be_compressed() -> None:
    item = written(
        "k" * 64, os.urandom(CachePolicy.answer_bytes), "openai", "m" * 200, NOW, CachePolicy.max_age_seconds
    )
    assert sum(len(name) + len(value if isinstance(value, bytes) else str(value)) for name, value in item.items()) < (
        LARGEST_ITEM_BYTES
    )
