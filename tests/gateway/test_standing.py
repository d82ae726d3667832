"""All that a task knows beside its requests, together: alone, with DynamoDB, and with one that does not answer."""

import asyncio
import hashlib
import inspect
import time
from collections.abc import Callable

import pytest
from gateway import reporting
from gateway.errors import ApiError
from gateway.keys.key import Key
from gateway.outcome import TierName
from gateway.settings import SMOKE_KEY_NAME, OpenAiAccount, Price, Settings, Tables
from gateway.standing import Standing, prices
from gateway.switches import Mode
from gateway.tables.table import Table

from tests import sdk
from tests.gateway.stage import settings
from tests.gateway.tables.account import REGION, credentials, free_port, make_table, moto_table, scripted

NAMES = Tables(REGION, "t-ledger", "t-keys", "t-cache", "t-usage")
SOON_SECONDS = 8.0


def told(**changes: object) -> Settings:
    return settings("http://vllm", "http://openai", tables=NAMES, **changes)


async def until(came_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_SECONDS):
        while not came_true():  # noqa: ASYNC110 - several jobs, none of which tells
            await asyncio.sleep(0.01)


class ResettableBreaker:
    def __init__(self) -> None:
        self.state = "closed"
        self.resets = 0

    def seconds_left(self) -> float:
        return 0.0

    def reset(self) -> None:
        self.resets += 1


async def test_without_tables_a_task_is_live_and_its_limits_work() -> None:
    standing = Standing(settings("http://vllm", None))
    await standing.start()
    assert standing.is_live and standing.keyring.find(b"Bearer sk-alice") == Key("alice")
    few = Key("alice", requests_per_minute=1)
    standing.limits.reserve(few, 1)
    with pytest.raises(ApiError):
        standing.limits.reserve(few, 1)
    await standing.stop()


async def test_with_tables_a_task_learns_all_of_it_and_leaves_its_counts_behind() -> None:
    with moto_table(NAMES.usage) as usage:
        for name in (NAMES.ledger, NAMES.keys, NAMES.cache):
            make_table(name)
        _write_key("sk-bob", "bob")
        standing = Standing(told())
        breaker = ResettableBreaker()
        standing.watch({TierName.VLLM: breaker})
        await usage.put([{"pk": "switch", "sk": "tier#openai", "mode": "off"}])
        await standing.start()
        await until(lambda: all(job.seconds_since_success() is not None for job in standing.jobs))
        assert standing.keyring.find(b"Bearer sk-bob") == Key("bob")
        assert standing.switches.mode(TierName.OPENAI) is Mode.OFF
        assert not standing.is_live
        (report,) = await usage.query("task")
        assert report["sk"] == standing.reporter.task_id and '"vllm"' in str(report["breakers"])
        standing.meter.record("bob", TierName.OPENAI, "gpt-4o", 700, 100)
        await standing.stop()
        assert await usage.query("task") == []
        month = time.strftime("month#%Y-%m", time.gmtime())
        total = await usage.get(month, "total#key#bob")
        assert total is not None and total["nano_usd"] == 2_750_000
        assert breaker.resets == 0


@pytest.mark.parametrize("trouble", ["nobody there", "silence"])
async def test_a_dynamodb_that_does_not_answer_keeps_nobody_waiting(trouble: str) -> None:
    silent = scripted(None) if trouble == "silence" else credentials(AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}")
    with silent:
        standing = Standing(told())
        await standing.start()
        assert standing.keyring.find(b"Bearer sk-alice") == Key("alice")
        standing.limits.reserve(Key("alice", requests_per_minute=1), 1).settle(1)
        standing.meter.record("alice", TierName.VLLM, "m", 1, 1)
        await until(lambda: any(job.failing for job in standing.jobs))
        began = time.monotonic()
        await standing.stop()
        assert time.monotonic() - began < SOON_SECONDS, "an end that is waited for is killed"


def test_what_a_request_asks_is_answered_without_awaiting_anything() -> None:
    standing = Standing(settings("http://vllm", None))
    asked = (
        standing.keyring.find,
        standing.limits.reserve,
        standing.meter.record,
        standing.meter.month_nano_usd,
        standing.meter.tier_month_nano_usd,
        standing.switches.mode,
        standing.answered,
        standing.breaker_changed,
    )
    assert not any(inspect.iscoroutinefunction(call) for call in asked)


def test_the_smoke_test_is_no_client() -> None:
    standing = Standing(settings("http://vllm", None))
    standing.answered(Key(SMOKE_KEY_NAME))
    assert not standing.reporter.is_serving
    standing.answered(Key("alice"))
    assert standing.reporter.is_serving


async def test_an_order_to_reset_reaches_the_breaker_it_names() -> None:
    standing = Standing(settings("http://vllm", None))
    breaker = ResettableBreaker()
    standing.watch({TierName.VLLM: breaker})
    await standing.switches.poll()
    await _order(standing.tables.usage, "vllm")
    await _order(standing.tables.usage, "openai")
    await standing.switches.poll()
    assert breaker.resets == 1


async def test_a_breaker_that_changes_is_reported_at_once() -> None:
    standing = Standing(settings("http://vllm", None))
    breaker = ResettableBreaker()
    standing.watch({TierName.VLLM: breaker})
    await standing.start()
    await until(lambda: standing._report.seconds_since_success() is not None)
    breaker.state = "open"
    standing.breaker_changed("open")
    async with asyncio.timeout(reporting.REPORT_SECONDS / 2):
        await _reports(standing.tables.usage, '"open"')
    await standing.stop()


def test_each_tier_has_its_price_and_without_openai_there_is_none_of_it() -> None:
    account = OpenAiAccount("http://openai/v1", "gpt-4o", "sk-openai", price=Price(1, 2))
    paid = settings("http://vllm", None, openai=account, vllm_price=Price(0.1, 0.2))
    assert prices(paid) == {TierName.VLLM: Price(0.1, 0.2), TierName.OPENAI: Price(1, 2)}
    assert prices(settings("http://vllm", None)) == {TierName.VLLM: Price()}


async def _reports(usage: Table, text: str) -> None:
    """Returns when a task's breakers say so."""
    while text not in str((await usage.query("task"))[0]["breakers"]):  # noqa: ASYNC110 - a table tells nobody
        await asyncio.sleep(0.01)


async def _order(usage: Table, tier: str) -> None:
    await usage.put([{"pk": "switch", "sk": f"breaker#{tier}", "number": 1}])


def _write_key(key: str, name: str) -> None:
    digest = hashlib.sha256(key.encode()).hexdigest()
    sdk.session("operator").create_client("dynamodb", region_name=REGION).put_item(
        TableName=NAMES.keys, Item={"pk": {"S": "key"}, "sk": {"S": digest}, "name": {"S": name}}
    )
