"""Does one job again and again beside the requests, and goes on whatever happens to it."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable

logger = logging.getLogger("gateway")

_JITTER = 0.1
_LONGEST_SECONDS = 10.0
_GRACE_SECONDS = 2.0
# The module's own generator may be seeded, and tasks would ask in step.
_CHANCE = random.SystemRandom()


class Periodic:
    """Runs `job` at once and then about every `seconds`, from `start` to `stop`; never two runs at a time.

    A tenth of the pause is left to chance, so that tasks that started together do not ask in step. A job that takes
    longer than `limit_seconds` is cancelled and has failed. A failure is logged once until the job works again.
    """

    def __init__(
        self,
        name: str,
        seconds: float,
        job: Callable[[], Awaitable[None]],
        *,
        limit_seconds: float = _LONGEST_SECONDS,
    ) -> None:
        self.name = name
        self.failing = False
        self.failures = 0
        self._seconds = seconds
        self._job = job
        self._limit_seconds = limit_seconds
        self._wanted = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._worked_at: float | None = None

    @property
    def has_run(self) -> bool:
        """Whether a run has ended, well or not."""
        return self.failures > 0 or self._worked_at is not None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name=self.name)

    async def stop(self, grace_seconds: float = _GRACE_SECONDS) -> None:
        """No further run. One that is under way may finish, because what it began may count; then it is cancelled."""
        self._stopping = True
        self._wanted.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=grace_seconds)
            self._task.cancel()
            await asyncio.wait({self._task})

    def hurry(self) -> None:
        """Run now, or once more right after the run that is under way."""
        self._wanted.set()

    def seconds_since_success(self) -> float | None:
        """None: it has not worked yet."""
        return None if self._worked_at is None else time.monotonic() - self._worked_at

    async def _run(self) -> None:
        while not self._stopping:
            self._wanted.clear()
            await self.once()
            pause_seconds = self._seconds * _CHANCE.uniform(1 - _JITTER, 1 + _JITTER)
            if not self._stopping:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause_seconds):
                        await self._wanted.wait()

    async def once(self) -> bool:
        """One run, outside the rhythm too; whether it worked."""
        try:
            async with asyncio.timeout(self._limit_seconds):
                await self._job()
        except asyncio.CancelledError:
            if _is_stopping():
                raise
            self._failed("it was cancelled")
        except TimeoutError:
            self._failed(f"it was not done after {self._limit_seconds:g} s")
        except Exception as error:
            self._failed(f"{type(error).__name__}: {error}")
        else:
            self._worked()
            return True
        return False

    def _failed(self, why: str) -> None:
        self.failures += 1
        if not self.failing:
            logger.warning("%s fails (%s); it is tried again, and what was known stays", self.name, why)
        self.failing = True

    def _worked(self) -> None:
        if self.failing:
            logger.warning("%s works again", self.name)
        self.failing = False
        self._worked_at = time.monotonic()


def _is_stopping() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
