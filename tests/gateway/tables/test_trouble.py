"""What a caller hears, how soon, and how often AWS was asked, when DynamoDB is in trouble."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from gateway.tables.client import DynamoClient
from gateway.tables.dynamo import DynamoTable
from gateway.tables.errors import TableFailed

from tests.gateway.tables.account import REGION, TABLE, Endpoint, credentials, free_port, moto_table, scripted

BUSY = (400, {"__type": "ProvisionedThroughputExceededException", "message": "slow down"})
BROKEN = (500, {"__type": "InternalServerError", "message": "sorry"})
DENIED = (400, {"__type": "AccessDeniedException", "message": "not you"})
EMPTY: tuple[int, dict[str, object]] = (200, {})
SILENCE = None


@contextmanager
def table(*, timeout_seconds: float = 1.0, threads: int = 4, seconds: float = 4.0) -> Iterator[DynamoTable]:
    found = DynamoTable(DynamoClient(REGION, timeout_seconds), TABLE, threads=threads, seconds=seconds)
    try:
        yield found
    finally:
        # A thread that is late would find the next test's endpoint in the environment.
        found._threads.shutdown(wait=True, cancel_futures=True)


@contextmanager
def failing(why: str) -> Iterator[None]:
    with pytest.raises(TableFailed, match=re.escape(why)):
        yield


@pytest.mark.parametrize("trouble", [BUSY, BROKEN])
async def test_a_read_is_tried_once_more_after_throttling_or_an_error_of_the_service(
    trouble: tuple[int, dict[str, object]],
) -> None:
    with scripted(trouble, EMPTY) as endpoint, table() as found:
        assert await found.get("a", "b") is None
    assert len(endpoint.asked) == 2


async def test_a_second_failure_is_told_with_the_call_and_the_code() -> None:
    with (
        scripted(BUSY) as endpoint,
        table() as found,
        failing(f"{TABLE} GetItem: ProvisionedThroughputExceededException: slow down"),
    ):
        await found.get("a", "b")
    assert len(endpoint.asked) == 2


async def test_what_cannot_get_better_is_not_tried_again() -> None:
    with scripted(DENIED) as endpoint, table() as found, failing("AccessDeniedException"):
        await found.query("a")
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize("trouble", [BUSY, BROKEN])
async def test_an_addition_is_never_made_twice(trouble: tuple[int, dict[str, object]]) -> None:
    with scripted(trouble) as endpoint, table() as found, failing("UpdateItem"):
        await found.add("a", "b", {"n": 1}, 0)
    assert len(endpoint.asked) == 1


async def test_a_silent_service_is_left_after_the_limit_and_not_asked_again() -> None:
    with scripted(SILENCE) as endpoint, table(timeout_seconds=0.1) as found, failing("timeout"):
        await found.get("a", "b")
    assert len(endpoint.asked) == 1


async def test_a_call_ends_for_its_caller_even_while_the_thread_waits() -> None:
    with scripted(SILENCE), table(timeout_seconds=0.5, seconds=0.1) as found, failing("no answer within 0.1 s"):
        await found.get("a", "b")


async def test_nobody_there_is_a_failure_like_others() -> None:
    with (
        credentials(AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}"),
        table() as found,
        failing("Could not connect"),
    ):
        await found.delete("a", "b")


async def test_one_call_too_many_fails_at_once_instead_of_waiting_for_a_thread() -> None:
    with scripted(SILENCE) as endpoint, table(timeout_seconds=0.4, threads=1) as found:
        waiting = [asyncio.ensure_future(found.get("a", str(number))) for number in range(16)]
        await asyncio.sleep(0)
        with pytest.raises(TableFailed, match="too many calls wait"):
            await found.get("a", "one more")
        for call in waiting:
            call.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert len(endpoint.asked) <= 1, "what was given up before its turn is never sent"


async def test_the_loop_turns_while_a_table_hangs() -> None:
    with scripted(SILENCE), table(timeout_seconds=0.3) as found:
        call = asyncio.ensure_future(found.get("a", "b"))
        turns = 0
        while not call.done():
            await asyncio.sleep(0)
            turns += 1
        assert isinstance(call.exception(), TableFailed)
    assert turns > 100


async def test_making_a_table_asks_for_nothing() -> None:
    with scripted(EMPTY) as endpoint, table() as found:
        assert found._client._client is None
    assert endpoint.asked == []


async def test_a_table_that_was_closed_fails() -> None:
    with moto_table() as found:
        found.close()
        with pytest.raises(TableFailed, match="closed"):
            await found.get("a", "b")


async def test_what_a_batch_left_over_is_written_once_more() -> None:
    write = {"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"S": "2"}}}}
    left = (200, {"UnprocessedItems": {TABLE: [write]}})
    done = (200, {"UnprocessedItems": {}})
    with scripted(left, done) as endpoint, table() as found:
        await found.put([{"pk": "a", "sk": "1"}, {"pk": "a", "sk": "2"}])
    assert [asked["RequestItems"][TABLE] for _, asked in endpoint.asked][1] == [write]


async def test_a_batch_that_stays_unwritten_says_so() -> None:
    left = (200, {"UnprocessedItems": {TABLE: [{"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"S": "1"}}}}]}})
    with scripted(left) as endpoint, table() as found, failing("1 of 1 items were not written"):
        await found.put([{"pk": "a", "sk": "1"}])
    assert len(endpoint.asked) == 2


async def test_batches_are_of_25() -> None:
    done = (200, {"UnprocessedItems": {}})
    with scripted(done) as endpoint, table() as found:
        await found.put({"pk": "a", "sk": str(number)} for number in range(60))
    assert [len(asked["RequestItems"][TABLE]) for _, asked in _batches(endpoint)] == [25, 25, 10]


def _batches(endpoint: Endpoint) -> list[tuple[str, dict[str, dict[str, list[object]]]]]:
    return [(operation, asked) for operation, asked in endpoint.asked if operation == "BatchWriteItem"]
