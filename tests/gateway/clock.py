"""A wall clock that only the test moves, backwards too."""

from datetime import UTC, datetime


class WallClock:
    """Called like time.time."""

    def __init__(self, at: str = "2026-11-25T12:00:00") -> None:
        self.set(at)

    def __call__(self) -> float:
        return self.seconds

    def set(self, at: str) -> None:
        self.seconds = datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
