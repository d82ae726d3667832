"""What the chain sees of a tier."""

from typing import Protocol

from gateway.endpoints import Endpoint
from gateway.outcome import TierName
from gateway.tiers.call import Call


class Tier(Protocol):
    """One that may answer."""

    @property
    def name(self) -> TierName: ...

    @property
    def context_tokens(self) -> int | None:
        """How long a prompt with its answer may be; None where that is not known."""
        ...

    def has(self, endpoint: Endpoint) -> bool: ...

    async def answer(self, call: Call, *, forced: bool, may_overflow: bool) -> None:
        """Returns when the client has a whole answer. `forced`: whatever its breaker says. `may_overflow`: another
        upstream comes behind it.

        Raises TierFailed, TierRejected, or Interrupted; what the client has seen by then, the exchange knows.
        """
        ...
