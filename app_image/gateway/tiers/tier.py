"""What all tiers have in common."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.completion_request import CompletionRequest
from gateway.outcome import TierName


@dataclass(frozen=True)
class Prepared:
    """A request as one tier takes it."""

    body: bytes
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tier:
    """An upstream that can answer chat completions.

    `always_streams`: it is asked to stream even for a client that does not stream.
    `rejections`: the statuses by which it says that the client's request is wrong.
    """

    name: TierName
    url: str
    headers: dict[str, str]
    prepare: Callable[[CompletionRequest], Prepared]
    always_streams: bool
    rejections: frozenset[int]
