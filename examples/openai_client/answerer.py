"""Who answered: read from the headers that the gateway adds to OpenAI's."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Answerer:
    """`age_seconds`: of an answer out of the cache, else None."""

    tier: str
    release: str
    request_id: str
    fallback_reason: str | None
    age_seconds: int | None
    dropped_parameters: tuple[str, ...]

    def __str__(self) -> str:
        because = f" because of {self.fallback_reason}" if self.fallback_reason else ""
        age = f", {self.age_seconds} s old" if self.age_seconds is not None else ""
        dropped = f", without {', '.join(self.dropped_parameters)}" if self.dropped_parameters else ""
        return f"answered by {self.tier}{because}{age}{dropped}; release {self.release}, request {self.request_id}"


def answerer(headers: Mapping[str, str]) -> Answerer:
    """Works for whole answers and for streams: the headers are there before the first word."""
    dropped = headers.get("x-switchyard-dropped-parameters", "")
    age = headers.get("age")
    return Answerer(
        tier=headers.get("x-switchyard-tier", "unknown"),
        release=headers.get("x-switchyard-release", "unknown"),
        request_id=headers.get("x-request-id", "unknown"),
        fallback_reason=headers.get("x-switchyard-fallback-reason"),
        age_seconds=int(age) if age is not None else None,
        dropped_parameters=tuple(name.strip() for name in dropped.split(",") if name.strip()),
    )
