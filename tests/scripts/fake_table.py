"""The ledger table in memory, with DynamoDB's conditions. `after_update` lets somebody in between two writes."""

from collections.abc import Callable, Mapping

from scripts.aws.table import Item
from scripts.errors import AwsFailed, ConditionFailed


class FakeTable:
    """`down` makes every operation fail, as a table that cannot be reached."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.after_update: list[Callable[[Mapping[str, str | int | None]], None]] = []
        self.down = False

    def get(self, pk: str, sk: str) -> Item | None:
        self._require_up()
        found = self.items.get((pk, sk))
        return dict(found) if found else None

    def put(self, item: Mapping[str, str | int]) -> None:
        self._require_up()
        self.items[str(item["pk"]), str(item["sk"])] = dict(item)

    def update(
        self,
        pk: str,
        sk: str,
        values: Mapping[str, str | int | None],
        *,
        add: Mapping[str, int] | None = None,
        only_if: Mapping[str, str | int | None] | None = None,
        hasty: bool = False,
    ) -> Item:
        self._require_up()
        item = dict(self.items.get((pk, sk), {"pk": pk, "sk": sk}))
        if any(item.get(name) != wanted for name, wanted in (only_if or {}).items()):
            raise ConditionFailed("dynamodb UpdateItem: condition", "ConditionalCheckFailedException")
        for name, value in values.items():
            item.pop(name, None)
            if value is not None:
                item[name] = value
        for name, amount in (add or {}).items():
            item[name] = int(item.get(name, 0)) + amount
        self.items[pk, sk] = item
        for hook in list(self.after_update):
            hook(values)
        return dict(item)

    def newest(self, pk: str, limit: int, prefix: str = "") -> list[Item]:
        self._require_up()
        keys = sorted((key for key in self.items if key[0] == pk and key[1].startswith(prefix)), reverse=True)
        return [dict(self.items[key]) for key in keys[:limit]]

    def _require_up(self) -> None:
        if self.down:
            raise AwsFailed("dynamodb: could not connect", "EndpointConnectionError")
