"""A table shared with gateway tasks, in moto's DynamoDB; the fake must agree with it."""

from collections.abc import Iterator

import pytest

from scripts.aws.shared_table import SharedTable
from scripts.errors import AwsFailed, ConditionFailed
from scripts.shared_items import Shared, Write
from tests.scripts.fake_shared_table import FakeSharedTable
from tests.scripts.moto_environment import clients, make_table


@pytest.fixture(params=["moto", "fake"])
def table(request: pytest.FixtureRequest) -> Iterator[Shared]:
    if request.param == "fake":
        yield FakeSharedTable()
        return
    with clients() as found:
        make_table(found, "keys")
        yield SharedTable(found, "keys")


def test_an_item_comes_back_with_its_types(table: Shared) -> None:
    table.write(Write("key", "a", {"name": "ana", "requests_per_minute": 3, "models": ("x", "y")}))
    table.write(Write("other", "b", {"name": "bob"}))
    found = {"pk": "key", "sk": "a", "name": "ana", "requests_per_minute": 3, "models": ("x", "y")}
    assert table.query("key") == [found]


def test_a_write_sets_and_removes_and_leaves_the_rest(table: Shared) -> None:
    table.write(Write("switch", "a", {"mode": "off", "reason": "why"}))
    table.write(Write("switch", "a", {"mode": "auto", "reason": None, "at": "now"}))
    assert table.query("switch") == [{"pk": "switch", "sk": "a", "mode": "auto", "at": "now"}]


def test_what_may_be_written_once_is_not_written_over(table: Shared) -> None:
    table.write(Write("key", "a", {"revoked_at": "early"}, absent="revoked_at"))
    with pytest.raises(ConditionFailed):
        table.write(Write("key", "a", {"revoked_at": "late"}, absent="revoked_at"))
    table.write(Write("key", "a", {"revoked_by": "ana"}, absent="name"))
    assert table.query("key") == [{"pk": "key", "sk": "a", "revoked_at": "early", "revoked_by": "ana"}]


def test_a_number_that_rises_never_falls(table: Shared) -> None:
    for number in (5, 7):
        table.write(Write("switch", "a", {"number": number}, rises="number"))
    for number in (7, 6):
        with pytest.raises(ConditionFailed):
            table.write(Write("switch", "a", {"number": number}, rises="number"))
    assert table.query("switch")[0]["number"] == 7


def test_a_partition_is_read_to_its_end() -> None:
    """DynamoDB gives at most 1 MB at once."""
    with clients() as found:
        make_table(found, "keys")
        table = SharedTable(found, "keys")
        for number in range(30):
            table.write(Write("key", f"{number:02d}", {"name": "x" * 60_000}))
        assert [record["sk"] for record in table.query("key")] == [f"{number:02d}" for number in range(30)]


def test_attributes_of_kinds_that_the_kit_never_writes_harm_nobody() -> None:
    with clients() as found:
        make_table(found, "keys")
        item = {"pk": {"S": "key"}, "sk": {"S": "a"}, "n": {"N": "1.5"}, "b": {"B": b"x"}, "s": {"SS": ["z", "y"]}}
        found.read("dynamodb").put_item(TableName="keys", Item={**item, "m": {"M": {}}, "t": {"BOOL": True}})
        assert SharedTable(found, "keys").query("key") == [
            {"pk": "key", "sk": "a", "n": 1.5, "s": ("y", "z"), "t": True}
        ]


def test_a_table_that_is_not_there_says_so() -> None:
    with clients() as found, pytest.raises(AwsFailed) as failed:
        SharedTable(found, "keys").query("key")
    assert failed.value.code == "ResourceNotFoundException"
