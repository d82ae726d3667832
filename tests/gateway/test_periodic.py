"""A job beside the requests: it goes on, it does not get in the way, and it says once that it fails."""

import asyncio
import logging

import pytest
from gateway.periodic import Periodic

SOON = 0.01
NEVER = 3600.0


class Job:
    """Fails while it is told to; counts its runs."""

    def __init__(self) -> None:
        self.runs = 0
        self.trouble: Exception | None = None
        self.ran = asyncio.Event()

    async def __call__(self) -> None:
        self.runs += 1
        self.ran.set()
        if self.trouble is not None:
            raise self.trouble

    async def run(self, count: int) -> None:
        """Returns when it ran that many times in all."""
        async with asyncio.timeout(5):
            while self.runs < count:
                self.ran.clear()
                await self.ran.wait()


async def test_the_first_run_is_at_once_and_others_follow() -> None:
    job = Job()
    periodic = Periodic("keys", SOON, job)
    periodic.start()
    await job.run(3)
    await periodic.stop()
    seen = job.runs
    await asyncio.sleep(5 * SOON)
    assert job.runs == seen


async def test_hurrying_runs_before_the_time() -> None:
    job = Job()
    periodic = Periodic("report", NEVER, job)
    periodic.start()
    await job.run(1)
    periodic.hurry()
    await job.run(2)
    await periodic.stop()


async def test_hurrying_during_a_run_means_one_more_run() -> None:
    job = Job()
    periodic = Periodic("report", NEVER, job)

    async def changes_while_it_runs() -> None:
        await job()
        if job.runs == 1:
            periodic.hurry()

    periodic._job = changes_while_it_runs
    periodic.start()
    await job.run(2)
    await periodic.stop()


async def test_a_failing_job_goes_on_and_is_logged_once_until_it_works(caplog: pytest.LogCaptureFixture) -> None:
    job = Job()
    job.trouble = ValueError("broken table")
    periodic = Periodic("keys", SOON, job)
    with caplog.at_level(logging.WARNING, "gateway"):
        periodic.start()
        await job.run(3)
        assert periodic.failing
        job.trouble = None
        await job.run(job.runs + 2)
        await periodic.stop()
    first, second = caplog.messages
    assert first == "keys fails (ValueError: broken table); it is tried again, and what was known stays"
    assert second == "keys works again"
    assert not periodic.failing


async def test_a_job_that_hangs_has_failed_and_is_run_again() -> None:
    job = Job()

    async def hangs() -> None:
        await job()
        await asyncio.sleep(NEVER)

    periodic = Periodic("keys", SOON, hangs, limit_seconds=SOON)
    periodic.start()
    await job.run(2)
    assert periodic.failing
    await periodic.stop()


async def test_a_job_that_says_it_was_cancelled_does_not_end_the_others() -> None:
    job = Job()

    async def cancelled() -> None:
        await job()
        raise asyncio.CancelledError

    periodic = Periodic("keys", SOON, cancelled)
    periodic.start()
    await job.run(2)
    await periodic.stop()
    assert periodic.failures >= 1


async def test_how_old_its_knowledge_is() -> None:
    job = Job()
    periodic = Periodic("keys", NEVER, job)
    assert periodic.seconds_since_success() is None
    assert await periodic.once()
    age = periodic.seconds_since_success()
    assert age is not None and age >= 0
    job.trouble = ValueError()
    assert not await periodic.once()
    assert periodic.failures == 1


async def test_stopping_what_never_started_is_allowed() -> None:
    await Periodic("keys", NEVER, Job()).stop()


async def test_a_run_that_is_under_way_may_finish_before_the_end() -> None:
    job = Job()
    finished = False

    async def adds() -> None:
        nonlocal finished
        await job()
        await asyncio.sleep(SOON)
        finished = True

    periodic = Periodic("adding", SOON, adds)
    periodic.start()
    await job.run(1)
    await periodic.stop()
    assert finished and job.runs == 1


async def test_a_run_that_does_not_finish_holds_the_end_up_for_a_moment_only() -> None:
    job = Job()

    async def hangs() -> None:
        await job()
        await asyncio.sleep(NEVER)

    periodic = Periodic("adding", SOON, hangs)
    periodic.start()
    await job.run(1)
    async with asyncio.timeout(5):
        await periodic.stop(grace_seconds=SOON)
