"""The ledger table's four operations, in moto's DynamoDB; the fake table must agree with it."""

from collections.abc import Iterator

import pytest

from scripts.aws.table import DynamoTable, Item
from scripts.errors import AwsFailed, ConditionFailed
from scripts.release.control import Control, Lease
from scripts.release.ports import Table
from tests.scripts.fake_table import FakeTable
from tests.scripts.moto_environment import clients, make_table


@pytest.fixture(params=["moto", "fake"])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    if request.param == "fake":
        yield FakeTable()
        return
    with clients() as found:
        make_table(found, "ledger")
        yield DynamoTable(found, "ledger")


def test_an_item_comes_back_with_its_types(table: Table) -> None:
    item: Item = {"pk": "release", "sk": "r-1", "name": "ana", "seconds": 3}
    table.put(item)
    assert table.get("release", "r-1") == item
    assert table.get("release", "r-2") is None


def test_update_sets_removes_and_adds_and_answers_the_whole_item(table: Table) -> None:
    table.put({"pk": "a", "sk": "b", "status": "old", "count": 1})
    found = table.update("a", "b", {"status": None, "name": "new"}, add={"count": 2})
    assert found == {"pk": "a", "sk": "b", "name": "new", "count": 3}


@pytest.mark.parametrize("only_if", [{"fence": 2}, {"fence": None}, {"fence": 1, "lease": "x"}])
def test_a_condition_that_does_not_hold_changes_nothing(table: Table, only_if: dict[str, str | int | None]) -> None:
    before = table.update("a", "b", {}, add={"fence": 1})
    with pytest.raises(ConditionFailed):
        table.update("a", "b", {"fence": 9}, only_if=only_if)
    assert table.get("a", "b") == before


def test_newest_comes_first_within_a_prefix(table: Table) -> None:
    for key in ("r-1#1", "r-2#1", "r-2#2", "r-2#3"):
        table.put({"pk": "step", "sk": key})
    assert [item["sk"] for item in table.newest("step", 2, "r-2#")] == ["r-2#3", "r-2#2"]


def test_a_second_taker_finds_the_lock_taken(table: Table) -> None:
    control = Control(table)
    free = control.read()
    fence = control.take(Lease("ana", "laptop:1", "settle", "", "now"), free)
    with pytest.raises(ConditionFailed):
        control.take(Lease("ben", "desk:7", "settle", "", "now"), free)
    control.beat(fence)
    assert (control.read().fence, control.read().beat) == (fence, 1)
    control.let_go(fence)
    assert control.read().lease is None


def test_an_old_fence_writes_nothing(table: Table) -> None:
    control = Control(table)
    fence = control.take(Lease("ana", "laptop:1", "settle", "", "now"), control.read())
    control.raise_fence("rollback by ben", hasty=True)
    for write in (control.beat, lambda f: control.intend(f, "x"), control.let_go):
        with pytest.raises(ConditionFailed):
            write(fence)
    assert control.read().raised_by == "rollback by ben"


def test_a_table_that_is_not_there_says_so() -> None:
    with clients() as found, pytest.raises(AwsFailed) as failed:
        DynamoTable(found, "ledger").get("a", "b")
    assert failed.value.code == "ResourceNotFoundException"
