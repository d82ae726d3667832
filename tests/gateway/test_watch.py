"""What interrupts a request, and which cause is told when several come together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from gateway.watch import Cause, Interrupted, Watch


async def test_a_limit_interrupts_what_is_awaited() -> None:
    async with _watch() as watch:
        watch.expect(0.02, Cause.IDLE)
        assert await _cause(watch, lambda: asyncio.sleep(5)) is Cause.IDLE


async def test_the_total_is_never_exceeded_by_a_later_limit() -> None:
    async with _watch(total_seconds=0.02) as watch:
        watch.expect(5, Cause.IDLE)
        assert await _cause(watch, lambda: asyncio.sleep(5)) is Cause.TOTAL


async def test_a_limit_that_is_moved_on_does_not_interrupt() -> None:
    async with _watch() as watch:
        with watch:
            for _ in range(5):
                watch.expect(0.05, Cause.IDLE)
                await asyncio.sleep(0.02)


async def test_at_rest_only_the_total_counts() -> None:
    async with _watch() as watch:
        with watch:
            watch.expect(0.02, Cause.IDLE)
            watch.rest()
            await asyncio.sleep(0.05)


async def test_the_total_still_counts_at_rest_after_a_limit_has_passed() -> None:
    async with _watch(total_seconds=0.05) as watch:
        watch.expect(0.01, Cause.FIRST_CONTENT)
        assert await _cause(watch, lambda: asyncio.sleep(5)) is Cause.FIRST_CONTENT
        watch.rest()
        assert await _cause(watch, lambda: asyncio.sleep(5)) is Cause.TOTAL


async def test_a_client_that_leaves_wins_over_a_limit_of_the_same_moment() -> None:
    async with _watch() as watch:

        def both() -> None:
            watch.interrupt(Cause.FIRST_CONTENT)
            watch.interrupt(Cause.CLIENT_GONE)

        asyncio.get_running_loop().call_soon(both)
        assert await _cause(watch, lambda: asyncio.sleep(5)) is Cause.CLIENT_GONE


async def test_after_a_limit_the_task_can_go_on_and_be_interrupted_again() -> None:
    async with _watch() as watch:
        for _ in range(2):
            watch.expect(0.01, Cause.FIRST_CONTENT)
            assert await _cause(watch, lambda: asyncio.sleep(5)) is Cause.FIRST_CONTENT
        task = asyncio.current_task()
        assert task is not None and task.cancelling() == 0


async def test_a_closed_watch_interrupts_nothing() -> None:
    async with _watch() as watch:
        watch.expect(0.01, Cause.IDLE)
        watch.close()
        watch.interrupt(Cause.CLIENT_GONE)
        with watch:
            await asyncio.sleep(0.03)


async def test_a_cancellation_by_others_stays_one() -> None:
    async def body() -> None:
        async with _watch() as watch:
            with watch:
                await asyncio.sleep(5)

    task = asyncio.create_task(body())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@asynccontextmanager
async def _watch(total_seconds: float = 10.0) -> AsyncIterator[Watch]:
    watch = Watch(total_seconds)
    try:
        yield watch
    finally:
        watch.close()


async def _cause(watch: Watch, wait: Callable[[], Awaitable[None]]) -> Cause:
    with pytest.raises(Interrupted) as caught, watch:
        await wait()
    return caught.value.cause
