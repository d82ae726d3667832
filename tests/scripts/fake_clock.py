"""A clock that only the test moves: sleeping costs nothing and lets the imitated world go on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class FakeClock:
    """All three times in one. `on_move` is called after each step."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.on_move: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def boot(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.seconds += max(seconds, 0.001)
        for moved in self.on_move:
            moved()
