"""What is expected of the gateway in one cell of the table: one fault, of one tier, for one kind of client."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from gateway.breaker import BreakerState
from gateway.cache.outcome import CacheLookup
from gateway.outcome import Reason


class Mode(StrEnum):
    """How the client wants its answer."""

    WHOLE = "whole"
    STREAM = "stream"


class Limit(Enum):
    """What may be waited for. The value is the field of Limits, or None where the limit is a constant."""

    CONNECT = "connect_seconds"
    FIRST_CONTENT = "first_content_seconds"
    IDLE = "idle_seconds"
    LOOKUP = None


class Sees(StrEnum):
    """What the client gets in the end."""

    ANSWER = "the faulty tier's own answer"
    NEXT = "the next tier's answer"
    BROKEN = "a stream that says in-band that it is not whole"
    REFUSAL = "what the faulty tier has against the request"
    NOTHING = "the gateway's own error"


@dataclass(frozen=True)
class Expected:
    """`reason`: why the faulty tier was left; `asked`: how often it was, or was tried to be; `failures`: what its
    breaker has counted. `waits`: the one limit that was waited for. `short`: a limit that is short and must not matter.
    """

    sees: Sees
    reason: Reason | None = None
    status: int = 200
    asked: int = 1
    waits: Limit | None = None
    short: Limit | None = None
    failures: int = 0
    breaker: BreakerState = BreakerState.CLOSED
    lookup: CacheLookup | None = None

    @property
    def tight(self) -> Limit | None:
        """The limit that is short in this cell, while all others are far away."""
        return self.short or self.waits


@dataclass(frozen=True)
class Outage:
    """A row of requests, each answered by the next tier: the breaker opens after the fifth, its first probe fails, the
    second one finds the tier well again. `asked`: for each request while the breaker is closed."""

    reason: Reason
    asked: int = 1
    waits: Limit | None = None

    @property
    def tight(self) -> Limit | None:
        return self.waits


@dataclass(frozen=True)
class Unasserted:
    """Nothing is expected, because of `why`."""

    why: str


Cell = Expected | Outage | Unasserted
Cells = Mapping[Mode, Cell]


def survives(*, asked: int = 1, short: Limit | None = None) -> Expected:
    """The client gets this tier's answer and never hears of the fault; nor does the breaker."""
    return Expected(Sees.ANSWER, asked=asked, short=short)


def falls_over(
    reason: Reason, *, asked: int = 1, waits: Limit | None = None, counts: bool = True, cools: bool = False
) -> Expected:
    """The next tier answers. `counts`: as a failure of this one. `cools`: it is left alone for a while."""
    breaker = BreakerState.OPEN if cools else BreakerState.CLOSED
    return Expected(Sees.NEXT, reason, asked=asked, waits=waits, failures=int(counts), breaker=breaker)


def mid_stream(reason: Reason, *, waits: Limit | None = None) -> dict[Mode, Cell]:
    """Who does not stream has seen nothing and gets the next tier's answer; a stream cannot change its tier."""
    return {
        Mode.WHOLE: falls_over(reason, waits=waits),
        Mode.STREAM: Expected(Sees.BROKEN, reason, waits=waits, failures=1),
    }


def rejected(status: int) -> Expected:
    """It is the request that is wrong: the client is told so, and nobody else is asked."""
    return Expected(Sees.REFUSAL, status=status)


def missed(lookup: CacheLookup, *, waits: Limit | None = None) -> Expected:
    """The last tier has nothing that may be given, and says why in a metric."""
    return Expected(Sees.NOTHING, Reason.NOT_CACHED, status=503, asked=0, waits=waits, lookup=lookup)


def both(cell: Cell) -> dict[Mode, Cell]:
    return dict.fromkeys(Mode, cell)


def written(why: str) -> dict[Mode, Cell]:
    return both(Unasserted(why))
