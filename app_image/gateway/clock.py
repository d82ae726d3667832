"""Time that nobody can set: how much has passed, and times of day that other tasks understand."""

import time
from collections.abc import Callable

# Timers of uvloop have a resolution of one millisecond and may ring that much early.
TIMER_SLACK_SECONDS = 0.001


def seconds_since_boot() -> float:
    """Counts suspend too: Linux does in CLOCK_BOOTTIME, macOS already in the monotonic clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def steady_clock(
    wall: Callable[[], float] = time.time, elapsed: Callable[[], float] = seconds_since_boot
) -> Callable[[], float]:
    """Epoch seconds: the time of day now, and from here on what has passed since. A jump of the wall clock would make
    answers older or younger than they are."""
    offset = wall() - elapsed()
    return lambda: elapsed() + offset
