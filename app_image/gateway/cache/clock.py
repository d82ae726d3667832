"""Times of day that other tasks understand, and that no jump of this machine's clock changes."""

import time
from collections.abc import Callable


def since_boot() -> float:
    """Linux counts suspend in CLOCK_BOOTTIME, macOS already in the monotonic clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def steady_clock(
    wall: Callable[[], float] = time.time, elapsed: Callable[[], float] = since_boot
) -> Callable[[], float]:
    """Epoch seconds: the time of day now, and from here on what has passed since. A jump of the wall clock would make
    answers older or younger than they are."""
    offset = wall() - elapsed()
    return lambda: elapsed() + offset
