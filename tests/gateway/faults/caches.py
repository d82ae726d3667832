"""What can be the matter with the cache's table, and an earlier answer in one that is well."""

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any

from gateway.cache.cached import written
from gateway.cache.key import Question, Served, digest
from gateway.endpoints import CHAT
from gateway.settings import CachePolicy
from gateway.tables.client import DynamoClient
from gateway.tables.dynamo import DynamoTable
from gateway.tables.memory import MemoryTable
from gateway.tables.opened import OpenTables
from gateway.tables.table import Item, Table

from tests.gateway import speech
from tests.gateway.stage import QUESTION
from tests.gateway.tables.account import REGION, scripted
from tests.gateway.tables.unreliable import UnreliableTable

EARLIER = "From before"
_ANSWERS: dict[str, tuple[int, dict[str, Any]]] = {
    "absent": (400, {"__type": "ResourceNotFoundException", "message": "Requested resource not found"}),
    "throttled": (400, {"__type": "ThrottlingException", "message": "slow down"}),
}


class CacheTrouble(StrEnum):
    """The faults that a cache has of its own."""

    ABSENT = "absent"
    SLOW = "slow"
    THROTTLED = "throttled"
    OVERSIZED = "oversized"
    STALE = "stale"


@asynccontextmanager
async def tables(trouble: CacheTrouble | None) -> AsyncIterator[OpenTables]:
    """A task's tables; only its cache is in trouble, or has an earlier answer to the usual question."""
    async with _cache(trouble) as cache:
        yield OpenTables(None, None, cache, MemoryTable())


@asynccontextmanager
async def _cache(trouble: CacheTrouble | None) -> AsyncIterator[Table]:
    if trouble in (CacheTrouble.ABSENT, CacheTrouble.THROTTLED):
        with scripted(_ANSWERS[trouble]):
            client = DynamoClient(REGION)
            await asyncio.to_thread(client.ready)  # or the first call would take the time that making it takes
            yield DynamoTable(client, "switchyard-test-cache")
        return
    table = UnreliableTable()
    await table.put([_item(trouble)])
    if trouble is CacheTrouble.SLOW:
        table.gate.clear()
    yield table
    table.gate.set()


def _item(trouble: CacheTrouble | None) -> Item:
    policy = CachePolicy()
    age_seconds = policy.max_age_seconds + 1 if trouble is CacheTrouble.STALE else 60
    question = Question("alice", CHAT, speech.MODEL, json.dumps(QUESTION).encode())
    item = written(
        digest(question, Served(speech.MODEL, "unknown", {})),
        _earlier_answer(),
        "vllm",
        speech.MODEL,
        time.time() - age_seconds,
        policy.max_age_seconds,
    )
    if trouble is CacheTrouble.OVERSIZED:
        item["body"] = zlib.compress(b" " * (5 * 1024 * 1024) + _earlier_answer())
    return item


def _earlier_answer() -> bytes:
    (wire,) = speech.completion(EARLIER, model=speech.MODEL)
    assert isinstance(wire, bytes)
    return wire.partition(b"\r\n\r\n")[2]
