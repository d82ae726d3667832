"""Real time. CLOCK_BOOTTIME goes on while the machine sleeps, so an intent cannot outlive a closed lid."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The clock of every command that a person runs."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def boot(self) -> float:
        """Linux counts suspend in CLOCK_BOOTTIME, macOS already in the monotonic clock."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
