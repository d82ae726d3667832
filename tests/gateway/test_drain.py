"""When a process that was asked to stop may end."""

import asyncio

from gateway.drain import Drain
from gateway.watch import Cause, Interrupted, Watch


async def test_an_idle_process_ends_after_its_grace() -> None:
    drain = Drain(stop_timeout_seconds=5.0, idle_grace_seconds=0.1)
    drain.begin()

    assert drain.draining
    assert 0.1 <= await _seconds_to_finish(drain) < 0.4


async def test_the_grace_begins_anew_with_each_late_request() -> None:
    drain = Drain(stop_timeout_seconds=5.0, idle_grace_seconds=0.2)
    drain.begin()
    late = asyncio.create_task(_request(drain, starts_in=0.15, lasts=0.1))

    assert await _seconds_to_finish(drain) >= 0.45
    assert await late is None


async def test_a_process_that_was_not_asked_to_stop_goes_on() -> None:
    finished = asyncio.create_task(Drain(5.0, 0.0).finished())
    await asyncio.sleep(0.1)

    assert not finished.done()
    finished.cancel()


async def test_a_request_that_never_ends_is_interrupted_before_the_stop_timeout() -> None:
    drain = Drain(stop_timeout_seconds=0.4, idle_grace_seconds=0.0)
    endless = asyncio.create_task(_request(drain, starts_in=0.0, lasts=60))
    await asyncio.sleep(0.01)
    drain.begin()

    assert 0.3 <= await _seconds_to_finish(drain) < 0.4
    assert await endless is Cause.STOPPING


async def _request(drain: Drain, *, starts_in: float, lasts: float) -> Cause | None:
    await asyncio.sleep(starts_in)
    watch = Watch(total_seconds=100)
    try:
        with drain.tracked(watch), watch:
            await asyncio.sleep(lasts)
    except Interrupted as interruption:
        return interruption.cause
    finally:
        watch.close()
    return None


async def _seconds_to_finish(drain: Drain) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await drain.finished()
    return loop.time() - began
