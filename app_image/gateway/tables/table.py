"""What the gateway asks of a table. Every item has a `pk` and an `sk`, both text."""

from collections.abc import Iterable, Mapping
from typing import Protocol

Value = str | int | float | bytes | list[str] | None
Item = dict[str, Value]


class Table(Protocol):
    """All calls raise TableFailed and nothing else. None of them belongs on the road of a request.

    Reads may be a moment old. An item may outlive its `expires_at` (epoch seconds): who reads it looks.
    """

    async def get(self, pk: str, sk: str) -> Item | None: ...

    async def query(self, pk: str) -> list[Item]:
        """All items of one partition, in the order of `sk`."""
        ...

    async def put(self, items: Iterable[Item]) -> None:
        """Any number of whole items; of two with the same keys the later one stays. None is not written."""
        ...

    async def add(self, pk: str, sk: str, amounts: Mapping[str, int], expires_at: int) -> Mapping[str, int]:
        """Add to whole numbers, which start at 0, in one step; answers their new values. Made at most once."""
        ...

    async def delete(self, pk: str, sk: str) -> None: ...

    def close(self) -> None:
        """Ask nothing afterwards."""
        ...
