"""A table in the memory of one task, for a gateway that was told of none. What it knows ends with the process."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping

from gateway.tables.table import Item

_ENTRIES = 10_000


class MemoryTable:
    """Holds at most `entries` items; the one that was used longest ago makes room."""

    def __init__(self, entries: int = _ENTRIES) -> None:
        self._entries = entries
        self._items: OrderedDict[tuple[str, str], Item] = OrderedDict()
        self._partitions: defaultdict[str, set[str]] = defaultdict(set)

    async def get(self, pk: str, sk: str) -> Item | None:
        item = self._items.get((pk, sk))
        if item is None:
            return None
        self._items.move_to_end((pk, sk))
        return dict(item)

    async def query(self, pk: str) -> list[Item]:
        return [dict(self._items[pk, sk]) for sk in sorted(self._partitions.get(pk, ()))]

    async def put(self, items: Iterable[Item]) -> None:
        for item in items:
            self._keep(str(item["pk"]), str(item["sk"]), {k: v for k, v in item.items() if v is not None})

    async def add(self, pk: str, sk: str, amounts: Mapping[str, int], expires_at: int) -> Mapping[str, int]:
        item = self._items.get((pk, sk), {"pk": pk, "sk": sk})
        sums = {name: _whole(item.get(name)) + amount for name, amount in amounts.items()}
        self._keep(pk, sk, {**item, **sums, "expires_at": expires_at})
        return sums

    async def delete(self, pk: str, sk: str) -> None:
        if self._items.pop((pk, sk), None) is not None:
            self._forget(pk, sk)

    def close(self) -> None:
        self._items.clear()
        self._partitions.clear()

    def _keep(self, pk: str, sk: str, item: Item) -> None:
        self._items[pk, sk] = item
        self._items.move_to_end((pk, sk))
        self._partitions[pk].add(sk)
        if len(self._items) > self._entries:
            oldest, _ = self._items.popitem(last=False)
            self._forget(*oldest)

    def _forget(self, pk: str, sk: str) -> None:
        self._partitions[pk].discard(sk)
        if not self._partitions[pk]:
            del self._partitions[pk]


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
