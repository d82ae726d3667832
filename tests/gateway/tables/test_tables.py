"""What a table promises: the one in memory and the one in (moto's) DynamoDB keep the same promises."""

from collections.abc import Iterator

import pytest
from gateway.tables.memory import MemoryTable
from gateway.tables.table import Item, Table

from tests.gateway.tables.account import moto_table


@pytest.fixture(params=["memory", "dynamo"])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    with moto_table() as found:
        yield found


async def test_an_item_comes_back_as_it_was_written(table: Table) -> None:
    item: Item = {
        "pk": "a",
        "sk": "b",
        "text": "ä",
        "whole": -3,
        "part": 0.25,
        "bytes": b"\x00\xff",
        "models": ["one", "two"],
    }
    await table.put([item])
    assert await table.get("a", "b") == item
    assert await table.get("a", "c") is None


async def test_nothing_is_written_for_none(table: Table) -> None:
    await table.put([{"pk": "a", "sk": "b", "revoked_at": None}])
    assert await table.get("a", "b") == {"pk": "a", "sk": "b"}


async def test_a_partition_comes_whole_in_order_and_alone(table: Table) -> None:
    await table.put({"pk": "a", "sk": f"{number:03}"} for number in reversed(range(60)))
    await table.put([{"pk": "b", "sk": "000"}])
    assert [item["sk"] for item in await table.query("a")] == [f"{number:03}" for number in range(60)]
    assert await table.query("c") == []


async def test_a_later_item_replaces_the_whole_earlier_one_within_one_call_too(table: Table) -> None:
    await table.put([{"pk": "a", "sk": "b", "old": 1}, {"pk": "a", "sk": "b", "new": 2}])
    assert await table.get("a", "b") == {"pk": "a", "sk": "b", "new": 2}


async def test_putting_nothing_is_allowed(table: Table) -> None:
    await table.put([])


async def test_adding_starts_at_zero_and_answers_the_sums_of_what_was_added(table: Table) -> None:
    assert await table.add("a", "b", {"requests": 2, "tokens": 700}, 99) == {"requests": 2, "tokens": 700}
    assert await table.add("a", "b", {"tokens": -100}, 100) == {"tokens": 600}
    assert await table.get("a", "b") == {"pk": "a", "sk": "b", "requests": 2, "tokens": 600, "expires_at": 100}


async def test_what_is_deleted_is_gone_and_deleting_nothing_is_allowed(table: Table) -> None:
    await table.put([{"pk": "a", "sk": "b"}])
    await table.delete("a", "b")
    await table.delete("a", "b")
    assert await table.get("a", "b") is None
    assert await table.query("a") == []


async def test_memory_is_bounded_and_what_was_used_lately_stays() -> None:
    table = MemoryTable(entries=2)
    await table.put([{"pk": "a", "sk": "1"}, {"pk": "a", "sk": "2"}])
    await table.get("a", "1")
    await table.add("b", "3", {"n": 1}, 0)
    assert await table.get("a", "2") is None
    assert [item["sk"] for item in await table.query("a")] == ["1"]


async def test_nobody_changes_a_remembered_item_by_changing_what_was_read() -> None:
    table = MemoryTable()
    await table.put([{"pk": "a", "sk": "b", "n": 1}])
    found = await table.get("a", "b")
    assert found is not None
    found["n"] = 2
    assert await table.get("a", "b") == {"pk": "a", "sk": "b", "n": 1}
