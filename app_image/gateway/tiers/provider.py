"""How an upstream is asked, as data: where, with what, and what its refusals mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gateway.completion_request import CompletionRequest
from gateway.outcome import RouteName, TierName


class Prepared(NamedTuple):
    """A request as one upstream takes it, for its own name of the model. `streams`: whether it asks for a stream."""

    body: bytes
    model: str
    dropped: tuple[str, ...] = ()
    streams: bool = True


@dataclass(frozen=True)
class Provider:
    """`urls`: of the endpoints that it has. `prepare` is given the most tokens a choice may have, None to leave that as
    the client said it. `rejections`: the statuses by which it says that the client's request is wrong.
    `context_tokens`: None where it is not known. `withheld`: what a call's headers have that it is not sent."""

    name: TierName
    urls: Mapping[RouteName, str]
    headers: Mapping[str, str]
    prepare: Callable[[CompletionRequest, int | None], Prepared]
    rejections: frozenset[int]
    first_content_seconds: float
    context_tokens: int | None = None
    withheld: frozenset[str] = frozenset()
