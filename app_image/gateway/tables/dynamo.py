"""The tables in DynamoDB, asked by a few threads so that the event loop never waits.

Each table has threads of its own: one that hangs holds up no other, and no more than its own callers.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from gateway.tables.attributes import Written, read, written
from gateway.tables.client import DynamoClient, translated, tried_twice
from gateway.tables.errors import TableFailed
from gateway.tables.table import Item

T = TypeVar("T")

_THREADS = 4
_CALLS_A_THREAD = 16
_CALL_SECONDS = 4.0
_BATCH = 25  # the most that BatchWriteItem takes (DynamoDB's API reference)


class DynamoTable:
    """One table. `threads` calls are made at once and a few times as many wait; one too many fails at once.

    A call that takes longer than `seconds` fails for its caller, while its thread stays taken until the SDK gives up.
    """

    def __init__(
        self, client: DynamoClient, name: str, *, threads: int = _THREADS, seconds: float = _CALL_SECONDS
    ) -> None:
        self._client = client
        self._name = name
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(threads * _CALLS_A_THREAD)

    async def get(self, pk: str, sk: str) -> Item | None:
        def call(client: Any) -> Item | None:
            found = client.get_item(TableName=self._name, Key=written({"pk": pk, "sk": sk}))
            return read(found["Item"]) if "Item" in found else None

        return await self._ask("GetItem", tried_twice(call))

    async def query(self, pk: str) -> list[Item]:
        asked = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": written({":pk": pk}),
        }

        def call(client: Any) -> list[Item]:
            pages = client.get_paginator("query").paginate(**asked)
            return [read(item) for page in pages for item in page["Items"]]

        return await self._ask("Query", tried_twice(call))

    async def put(self, items: Iterable[Item]) -> None:
        # BatchWriteItem refuses two writes of one item.
        last = {(item["pk"], item["sk"]): item for item in items}
        writes = [{"PutRequest": {"Item": written(item)}} for item in last.values()]
        batches = [writes[start : start + _BATCH] for start in range(0, len(writes), _BATCH)]

        def call(client: Any) -> None:
            for batch in batches:
                self._write(client, batch)

        await self._ask("BatchWriteItem", call)

    async def add(self, pk: str, sk: str, amounts: Mapping[str, int], expires_at: int) -> Mapping[str, int]:
        # Numbered, because many good names are DynamoDB's reserved words.
        names = {f"#a{number}": name for number, name in enumerate(amounts)}
        values = {f":a{number}": amount for number, amount in enumerate(amounts.values())}
        terms = ", ".join(f"#a{number} :a{number}" for number in range(len(names)))

        def call(client: Any) -> Mapping[str, int]:
            found = client.update_item(
                TableName=self._name,
                Key=written({"pk": pk, "sk": sk}),
                UpdateExpression=f"ADD {terms} SET #expires = :expires",
                ExpressionAttributeNames={**names, "#expires": "expires_at"},
                ExpressionAttributeValues=written({**values, ":expires": expires_at}),
                ReturnValues="UPDATED_NEW",
            )
            return {name: int(found["Attributes"][name]["N"]) for name in amounts}

        return await self._ask("UpdateItem", call)

    async def delete(self, pk: str, sk: str) -> None:
        key = written({"pk": pk, "sk": sk})
        await self._ask("DeleteItem", tried_twice(lambda client: client.delete_item(TableName=self._name, Key=key)))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _write(self, client: Any, batch: list[Written]) -> None:
        def send(writes: list[Written]) -> list[Written]:
            answer = tried_twice(lambda client: client.batch_write_item(RequestItems={self._name: writes}))(client)
            left: list[Written] = answer["UnprocessedItems"].get(self._name, [])
            return left

        left = send(batch)
        if left and (left := send(left)):
            raise TableFailed(f"{self._name} BatchWriteItem: {len(left)} of {len(batch)} items were not written")

    async def _ask(self, operation: str, call: Callable[[Any], T]) -> T:
        what = f"{self._name} {operation}"
        asked = asyncio.wrap_future(self._submit(what, call))
        try:
            async with asyncio.timeout(self._seconds):
                return await asked
        except TimeoutError:
            raise TableFailed(f"{what}: no answer within {self._seconds:g} s") from None

    def _submit(self, what: str, call: Callable[[Any], T]) -> Future[T]:
        def made() -> T:
            with translated(what):
                return call(self._client.ready())

        if not self._places.acquire(blocking=False):
            raise TableFailed(f"{what}: too many calls wait already")
        try:
            future = self._threads.submit(made)
        except RuntimeError:
            self._places.release()
            raise TableFailed(f"{what}: the table was closed") from None
        future.add_done_callback(lambda _: self._places.release())
        return future
