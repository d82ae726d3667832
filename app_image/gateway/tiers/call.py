"""One request on its way through the tiers: what they are given, and what they leave."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.completion_request import CompletionRequest
from gateway.exchange import Exchange
from gateway.settings import Limits
from gateway.watch import Watch


@dataclass(slots=True)
class Call:
    """`limits` are those of this client's deadline. `output_tokens`: the most a choice may have, None as it was asked.
    `keeps`: the answer may be wanted again. `body` makes it as JSON once it was given."""

    request: CompletionRequest
    exchange: Exchange
    watch: Watch
    limits: Limits
    headers: dict[str, str]
    output_tokens: int | None = None
    keeps: bool = False
    body: Callable[[], bytes] | None = None
