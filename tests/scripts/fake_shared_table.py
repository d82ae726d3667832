"""A shared table in memory, with the two conditions that writes can have. `before_write` lets somebody in between."""

from collections.abc import Callable, Iterable
from typing import Any

from scripts.aws.model import Call
from scripts.errors import AwsFailed, ConditionFailed
from scripts.shared_items import Record, Write


class FakeSharedTable:
    """`failure`, when set, is what every operation raises."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.before_write: Callable[[Write], None] = lambda _write: None
        self.failure: BaseException | None = None
        self.writes: list[Write] = []
        for record in records:
            self.place(record)

    def place(self, record: Record) -> None:
        """As somebody else would write it."""
        self.items[str(record["pk"]), str(record["sk"])] = dict(record)

    def query(self, pk: str) -> list[Record]:
        self._require_up()
        return [dict(item) for key, item in sorted(self.items.items()) if key[0] == pk]

    def write(self, write: Write) -> None:
        self.before_write(write)
        self._require_up()
        item = dict(self.items.get((write.pk, write.sk), {"pk": write.pk, "sk": write.sk}))
        if _is_against(write, item):
            raise ConditionFailed("dynamodb UpdateItem: condition", "ConditionalCheckFailedException")
        for name, value in write.values.items():
            item.pop(name, None)
            if value is not None:
                item[name] = value
        self.items[write.pk, write.sk] = item
        self.writes.append(write)

    def call(self, write: Write) -> Call:
        return Call("dynamodb", "UpdateItem", {"Key": (write.pk, write.sk)})

    def _require_up(self) -> None:
        if self.failure is not None:
            raise self.failure


def down() -> AwsFailed:
    return AwsFailed("dynamodb: could not connect", "EndpointConnectionError")


def _is_against(write: Write, item: Record) -> bool:
    if write.absent is not None and write.absent in item:
        return True
    if write.rises is None or write.rises not in item:
        return False
    return int(item[write.rises]) >= int(str(write.values[write.rises]))
