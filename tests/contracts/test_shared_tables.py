"""The tables that the operator's tasks and gateway tasks share: what one side writes the other reads.

Formats change expand-then-contract: the literal items here were written by releases that exist, and stay readable.
"""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from gateway.keys.key import Key, read_keys
from gateway.keys.keyring import digest as keyring_digest
from gateway.live import live_release
from gateway.metering.meter import Meter
from gateway.outcome import TierName
from gateway.reporting import Reporter
from gateway.settings import Colour as GatewayColour
from gateway.settings import Price, Settings
from gateway.switches import Switches
from gateway.tables.attributes import read as gateway_reads
from gateway.tables.attributes import written as gateway_writes
from gateway.tables.memory import MemoryTable

from scripts.aws.shared_table import SharedTable
from scripts.keys import client_key, use
from scripts.keys.client_key import ClientKey, Limits
from scripts.keys.use import Use
from scripts.release import book
from scripts.release.book import Book, By, Live
from scripts.release.model import Placement
from scripts.shared_items import Write
from scripts.switches import item, task_report
from scripts.switches.item import Setting
from scripts.switches.task_report import Breaker
from scripts.switches.tier import Mode, Tier, Upstream
from stacks.external_fallback import ExternalFallback
from stacks.naming import Colour
from tests.scripts.fake_clock import START
from tests.scripts.moto_environment import clients, make_table

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
KEY = {
    "pk": "key",
    "sk": DIGEST,
    "name": "app",
    "created_at": "2026-11-25T10:00:00Z",
    "created_by": "arn:aws:sts::111122223333:assumed-role/switchyard-staging-operator/ana",
    "requests_per_minute": 60,
    "tokens_per_minute": 10_000,
    "monthly_budget_usd": "50.5",
    "models": ["resume", "fast"],
    "external_fallback": "never",
}
BARE_KEY = {name: KEY[name] for name in ("pk", "sk", "name", "created_at", "created_by")} | {
    "external_fallback": "allow"
}
REVOKED = {**BARE_KEY, "revoked_at": "2026-11-25T11:00:00Z", "revoked_by": "arn:bob"}
TIER = {"pk": "switch", "sk": "tier#openai", "mode": "force", "by": "arn:ana", "at": "2026-11-25T10:00:00Z"}
BREAKER = {"pk": "switch", "sk": "breaker#vllm", "number": 1_764_064_800_000}
COUNTER = {
    "pk": "month#2026-11",
    "sk": "key#app#openai#gpt-4o",
    "requests": 2,
    "prompt_tokens": 1400,
    "completion_tokens": 200,
    "nano_usd": 5_500_000,
}
TASK = {
    "pk": "task",
    "sk": "r-1-0a1b2c3d",
    "at": START.timestamp(),
    "release": "r-1",
    "colour": "green",
    "model_colour": "blue",
    "serving": 1,
    "breakers": '{"vllm": {"state": "half_open", "seconds_left": 0.0, "reset_number": 7}}',
    "modes": '{"vllm": "auto", "openai": "off", "cache": "auto"}',
    "expires_at": 1_764_064_860,
}


def of_fab(write: Write) -> dict[str, Any]:
    """The item as the gateway finds it once a task of the operator's has written it."""
    with clients() as found:
        make_table(found, "shared")
        SharedTable(found, "shared").write(write)
        (stored,) = found.read("dynamodb").scan(TableName="shared")["Items"]
    return dict(gateway_reads(stored))


def of_gateway(written: dict[str, Any]) -> Any:
    """The record as the operator's tasks find it once a gateway task has written it."""
    with clients() as found:
        make_table(found, "shared")
        found.read("dynamodb").put_item(TableName="shared", Item=gateway_writes(written))
        (record,) = SharedTable(found, "shared").query(str(written["pk"]))
    return record


GATEWAY = Settings("r-1", GatewayColour.GREEN, GatewayColour.BLUE, "resume", "http://vllm", {})
LIMITS = Limits(60, 10_000, "50.5", ("resume", "fast"), ExternalFallback.NEVER)
APP = ClientKey("app", DIGEST, str(KEY["created_at"]), str(KEY["created_by"]), LIMITS)
BARE = ClientKey("app", DIGEST, str(KEY["created_at"]), str(KEY["created_by"]), Limits())


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (client_key.creation(APP), KEY),
        (client_key.creation(BARE), BARE_KEY),
        (item.mode_write(Tier.OPENAI, Setting(Mode.FORCE, "arn:ana", "2026-11-25T10:00:00Z", "")), TIER),
        (item.mode_write(Tier.OPENAI, Setting(Mode.FORCE, "arn:ana", TIER["at"], "why")), {**TIER, "reason": "why"}),
        (item.reset_write(Upstream.VLLM, 1_764_064_800_000), BREAKER),
    ],
    ids=["key", "key without limits", "switch", "switch with a reason", "breaker"],
)
def test_what_the_operators_tasks_write_is_this_item(write: Write, expected: dict[str, Any]) -> None:
    assert of_fab(write) == expected


@pytest.mark.parametrize(("written", "key"), [(KEY, APP), (BARE_KEY, BARE)], ids=["key", "key without limits"])
def test_a_key_is_read_as_it_was_written(written: dict[str, Any], key: ClientKey) -> None:
    assert client_key.read(of_gateway(written)) == key


def test_a_key_of_a_later_release_is_still_a_key() -> None:
    found = client_key.read(of_gateway({**REVOKED, "anything_new": "x"}))
    assert found is not None and not found.is_valid


def test_a_counter_of_the_gateway_is_read_as_what_a_key_used() -> None:
    assert use.by_key([of_gateway(COUNTER)]) == {"app": Use(2, 1400, 200, 5_500_000)}


def test_a_report_of_a_gateway_task_is_read_as_it_stands() -> None:
    (found,) = task_report.all_of([of_gateway(TASK)], START)
    assert found.breakers == {Upstream.VLLM: Breaker("half_open", 0.0, 7)}
    assert found.modes == {Tier.VLLM: Mode.AUTO, Tier.OPENAI: Mode.OFF, Tier.CACHE: Mode.AUTO}
    assert (found.is_serving, found.is_fresh, found.release) == (True, True, "r-1")


def test_switches_are_read_as_they_were_written() -> None:
    found = item.read([TIER, BREAKER])
    assert found.settings == {Tier.OPENAI: Setting(Mode.FORCE, "arn:ana", "2026-11-25T10:00:00Z")}
    assert found.numbers == {Upstream.VLLM: 1_764_064_800_000, Upstream.OPENAI: 0}


class _Closed:
    """As the gateway's breaker tells of itself."""

    state = "closed"

    def seconds_left(self) -> float:
        return 0.0


def gateway_table(*items: dict[str, Any]) -> MemoryTable:
    table = MemoryTable()
    asyncio.run(table.put(items))
    return table


def test_the_gateway_lets_in_whom_the_operator_gave_a_key_with_its_limits() -> None:
    keys, problems = read_keys([of_fab(client_key.creation(APP))])
    assert problems == {}
    assert keys == {
        bytes.fromhex(DIGEST): Key(
            "app", 60, 10_000, Decimal("50.5"), frozenset({"resume", "fast"}), external_fallback=False
        )
    }
    assert read_keys([of_fab(client_key.creation(BARE))])[0] == {bytes.fromhex(DIGEST): Key("app")}


def test_both_sides_make_the_same_digest_of_a_key() -> None:
    key = client_key.fresh()
    assert client_key.digest(key) == keyring_digest(key.encode()).hex()


def test_the_gateway_lets_nobody_in_with_a_revoked_key() -> None:
    assert read_keys([{**KEY, **of_fab(client_key.revocation(APP, "2026-11-25T11:00:00Z", "arn:bob"))}]) == ({}, {})


def test_both_sides_leave_out_the_same_keys() -> None:
    for odd in ({"requests_per_minute": "many"}, {"external_fallback": "maybe"}, {"name": ""}, {"sk": "short"}):
        assert client_key.read({**BARE_KEY, **odd}) is None
        assert read_keys([{**BARE_KEY, **odd}])[0] == {}


@pytest.mark.parametrize("mode", list(Mode))
def test_the_gateway_follows_every_mode_and_every_reset(mode: Mode) -> None:
    table, seen = gateway_table(), list[str]()
    switches = Switches(table, lambda tier: seen.append(str(tier)))

    async def follow() -> None:
        await switches.poll()
        await table.put([of_fab(item.mode_write(tier, Setting(mode, "arn:ana", "now", "why"))) for tier in Tier])
        await table.put([of_fab(item.reset_write(upstream, 1_764_064_800_000)) for upstream in Upstream])
        await switches.poll()

    asyncio.run(follow())
    assert {str(tier): str(found) for tier, found in switches.modes.items()} == dict.fromkeys(
        map(str, TierName), str(mode)
    )
    assert sorted(seen) == sorted(Upstream)


def test_the_operator_reads_what_a_gateway_task_reports() -> None:
    table = gateway_table()
    reporter = Reporter(table, GATEWAY, Switches(table), now=START.timestamp)
    reporter.breakers = {TierName.VLLM: _Closed()}
    asyncio.run(reporter.report())
    (written,) = asyncio.run(table.query("task"))
    (found,) = task_report.all_of([of_gateway(written)], START)
    assert (found.task, found.release, found.colour, found.model_colour) == (reporter.task_id, "r-1", "green", "blue")
    assert found.breakers == {Upstream.VLLM: Breaker("closed")}
    assert found.modes == dict.fromkeys((Tier(tier) for tier in TierName), Mode.AUTO)
    assert (found.is_fresh, found.is_serving) == (True, False)


def test_the_operator_reads_what_a_gateway_task_counted() -> None:
    table = gateway_table()
    meter = Meter(table, {TierName.OPENAI: Price(2.5, 10)}, now=START.timestamp)
    for tier in (TierName.OPENAI, TierName.VLLM):
        meter.record("app", tier, "org/model#1", 700, 100)
    asyncio.run(meter.settle())
    written = asyncio.run(table.query(use.partition(START)))
    assert use.by_key([of_gateway(dict(one)) for one in written]) == {"app": Use(2, 1400, 200, 2_750_000)}


def test_a_gateway_task_learns_from_the_ledgers_book_whether_it_is_live() -> None:
    placement = Placement("r-1", Colour.GREEN, Colour.BLUE)
    for text, live in (
        (book.to_json(Book(Live(placement, "now", By.SWITCHOVER, None))), "r-1"),
        (book.to_json(Book()), None),
    ):
        assert live_release(text) == live
