"""One request on its way through the tiers: what they are given, and what they leave."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.completion_request import CompletionRequest
from gateway.exchange import Exchange
from gateway.settings import Limits
from gateway.watch import Watch


@dataclass(slots=True)
class Call:
    """`limits` are those of this client's deadline. `keeps_bytes`: how long an answer may be to be wanted again;
    0: it is not. `body` makes it as JSON once it was given."""

    request: CompletionRequest
    exchange: Exchange
    watch: Watch
    limits: Limits
    headers: dict[str, str]
    keeps_bytes: int = 0
    body: Callable[[], bytes] | None = None
