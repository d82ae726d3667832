"""Every fault that the gateway must carry, and what it does about it: one row a fault, two tiers or one, two clients.

First tier: vLLM has it, and OpenAI is well. Second: vLLM is overloaded, OpenAI has it, and the cache has an earlier
answer. Third: both are overloaded, and the cache has it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from itertools import chain, cycle

from gateway.cache.outcome import CacheLookup
from gateway.outcome import Reason, TierName

from tests.gateway import speech
from tests.gateway.faults.caches import CacheTrouble
from tests.gateway.faults.expected import (
    Cells,
    Limit,
    Outage,
    both,
    falls_over,
    mid_stream,
    missed,
    rejected,
    survives,
    written,
)
from tests.gateway.upstream import CUT, HANG, PAUSE, RESET, Script, Seen, Step

OWN = "Own answer"
WELL = list(speech.stream(OWN))
_SLOWLY = [PAUSE] * 40  # more than a second


class Host(Enum):
    """Nobody even accepts the request."""

    REFUSES = "refuses"
    DROPS = "drops"


Happens = Script | Callable[[Seen], Script] | Host | CacheTrouble


@dataclass(frozen=True)
class Fault:
    """What `happens`, and the cells of each tier."""

    name: str
    happens: Happens
    first: Cells
    second: Cells
    third: Cells

    def cells(self) -> dict[TierName, Cells]:
        return {TierName.VLLM: self.first, TierName.OPENAI: self.second, TierName.CACHE: self.third}


def until(number: int, script: Script) -> Callable[[Seen], Script]:
    """So many requests meet it, and later ones do not."""
    return lambda seen: script if seen.number <= number else WELL


def pinging(beginning: list[bytes | Step]) -> Callable[[Seen], Script]:
    """It says no more than comments, for as long as it is listened to."""
    ping = speech.frame(b": ping\n\n")
    return lambda seen: chain(beginning, cycle([ping, PAUSE]))


def _hangs_with_healthy_health(seen: Seen) -> Script:
    if seen.path == "/health":
        return speech.response(200, {})
    return [HANG] if seen.number <= 6 else WELL


_NO_UPSTREAM = written("The third tier is a table, not an upstream: what can happen to it is in rows of its own.")
_ASKED_LAST = written("The cache is the third tier alone: it never stands before an upstream that may be asked.")


def of_upstreams(name: str, happens: Happens, cells: Cells, *, second: Cells | None = None) -> Fault:
    """`second` where OpenAI's cells are others than vLLM's."""
    return Fault(name, happens, cells, second or cells, _NO_UPSTREAM)


def of_the_cache(name: str, trouble: CacheTrouble, cells: Cells) -> Fault:
    return Fault(name, trouble, _ASKED_LAST, _ASKED_LAST, cells)


_HEL: list[bytes | Step] = [speech.HEAD, speech.text("Hel"), PAUSE]
_FILTERED = speech.response(400, {"error": {"message": "content management policy", "code": "content_filter"}})
_TOO_LONG = "This model's maximum context length is 8192 tokens, and you asked for more."

FAULTS: tuple[Fault, ...] = (
    # It says that it has too much to do.
    of_upstreams("429", speech.error(429), both(falls_over(Reason.RATE_LIMITED, counts=False))),
    of_upstreams(
        "429 with retry-after",
        speech.error(429, headers=["retry-after: 30"]),
        both(falls_over(Reason.RATE_LIMITED, counts=False, cools=True)),
    ),
    of_upstreams("503", speech.error(503), both(falls_over(Reason.OVERLOADED, counts=False))),
    of_upstreams(
        "503 of what stands before it",
        [b"HTTP/1.1 503 No\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nno"],
        both(falls_over(Reason.SERVER_ERROR, asked=2)),
    ),
    # It fails at once.
    of_upstreams("500 once", until(1, speech.error(500)), both(survives(asked=2))),
    of_upstreams("500 again and again", speech.error(500), both(falls_over(Reason.SERVER_ERROR, asked=2))),
    of_upstreams("502", speech.error(502), both(falls_over(Reason.SERVER_ERROR, asked=2))),
    of_upstreams("reset before headers once", until(1, [RESET]), both(survives(asked=2))),
    of_upstreams("reset before headers", [RESET], both(falls_over(Reason.RESET, asked=2))),
    of_upstreams("closed before headers", [CUT], both(falls_over(Reason.RESET, asked=2))),
    of_upstreams("our key is wrong", speech.error(401), both(falls_over(Reason.REFUSED, counts=False))),
    of_upstreams("it serves another model", speech.error(404), both(falls_over(Reason.REFUSED, counts=False))),
    of_upstreams("redirect", speech.response(302, {}, ["location: /elsewhere"]), both(
        falls_over(Reason.REFUSED, counts=False)
    )),
    # It says nothing.
    of_upstreams("connection refused", Host.REFUSES, both(falls_over(Reason.CONNECT_FAILED, asked=2))),
    of_upstreams(
        "host lost", Host.DROPS, both(falls_over(Reason.CONNECT_TIMEOUT, waits=Limit.CONNECT))
    ),
    of_upstreams("silence", [HANG], both(falls_over(Reason.FIRST_TOKEN_TIMEOUT, waits=Limit.FIRST_CONTENT))),
    of_upstreams(
        "silence after headers",
        [speech.HEAD, speech.ROLE, HANG],
        both(falls_over(Reason.FIRST_TOKEN_TIMEOUT, waits=Limit.FIRST_CONTENT)),
    ),
    of_upstreams(
        "silence but for pings",
        pinging([speech.HEAD, speech.ROLE]),
        both(falls_over(Reason.FIRST_TOKEN_TIMEOUT, waits=Limit.FIRST_CONTENT)),
    ),
    of_upstreams(
        "slow first token", [speech.HEAD, speech.ROLE, *_SLOWLY, *WELL[2:]], both(survives(short=Limit.IDLE))
    ),
    of_upstreams(
        "too slow first token",
        [speech.HEAD, speech.ROLE, *_SLOWLY, *WELL[2:]],
        both(falls_over(Reason.FIRST_TOKEN_TIMEOUT, waits=Limit.FIRST_CONTENT)),
    ),
    # It begins an answer without content.
    of_upstreams("reset after headers", [speech.HEAD, PAUSE, RESET], both(falls_over(Reason.EMPTY_STREAM))),
    of_upstreams("crash in prefill", [speech.HEAD, speech.ROLE, PAUSE, CUT], both(falls_over(Reason.EMPTY_STREAM))),
    of_upstreams(
        "error as first event",
        [speech.HEAD, speech.sse({"error": {"message": "dead"}}), speech.DONE + speech.END],
        both(falls_over(Reason.ERROR_EVENT)),
    ),
    of_upstreams(
        "error after the role",
        [speech.HEAD, speech.ROLE, PAUSE, speech.sse({"error": {}})],
        both(falls_over(Reason.ERROR_EVENT)),
    ),
    of_upstreams("malformed first chunk", [speech.HEAD, speech.sse(b"{oops")], both(falls_over(Reason.MALFORMED))),
    of_upstreams(
        "something that is no chunk", [speech.HEAD, speech.sse({"hello": 1})], both(falls_over(Reason.MALFORMED))
    ),
    of_upstreams(
        "empty choices",
        [speech.HEAD, speech.sse({**speech.chunk({}), "choices": []}), speech.DONE + speech.END],
        both(falls_over(Reason.EMPTY_STREAM)),
    ),
    of_upstreams(
        "empty choices as one body", speech.response(200, {"choices": []}), both(falls_over(Reason.MALFORMED))
    ),
    of_upstreams("an error with status 200", speech.response(200, {"error": {}}), both(falls_over(Reason.MALFORMED))),
    of_upstreams(
        "nothing but done", [speech.HEAD, speech.DONE + speech.END], both(falls_over(Reason.EMPTY_STREAM))
    ),
    of_upstreams("nothing at all", [speech.HEAD, speech.END], both(falls_over(Reason.EMPTY_STREAM))),
    # It does not end its answer.
    of_upstreams("cut", [*_HEL, CUT], mid_stream(Reason.CUT)),
    of_upstreams("reset in the middle", [*_HEL, RESET], mid_stream(Reason.CUT)),
    of_upstreams("ended without a finish reason", [*_HEL, speech.END], mid_stream(Reason.CUT)),
    of_upstreams("done without a finish reason", [*_HEL, speech.DONE + speech.END], mid_stream(Reason.CUT)),
    of_upstreams("stall", [*_HEL, HANG], mid_stream(Reason.STALLED, waits=Limit.IDLE)),
    of_upstreams("stall but for pings", pinging(_HEL), mid_stream(Reason.STALLED, waits=Limit.IDLE)),
    of_upstreams("malformed chunk", [*_HEL, speech.sse(b"{oops")], mid_stream(Reason.MALFORMED)),
    of_upstreams("error event", [*_HEL, speech.sse({"error": {"message": "x"}})], mid_stream(Reason.ERROR_EVENT)),
    of_upstreams("missing [DONE]", [*WELL[:-1], speech.END], both(survives())),
    of_upstreams("cut after the last finish reason", [*WELL[:-1], PAUSE, CUT], both(survives())),
    # It has something against the request.
    of_upstreams(
        "context length",
        speech.error(400, _TOO_LONG),
        both(falls_over(Reason.CONTEXT_LENGTH, counts=False)),
        second=both(falls_over(Reason.REJECTED, counts=False)),
    ),
    of_upstreams("content filter", _FILTERED, both(rejected(400)), second=both(
        falls_over(Reason.REJECTED, counts=False)
    )),
    of_upstreams(
        "content filter within the answer",
        [*WELL[:3], speech.sse(speech.chunk({}, finish="content_filter")), *WELL[4:]],
        both(survives()),
    ),
    # It is out for a while, and comes back.
    of_upstreams("flap", until(11, speech.error(500)), both(Outage(Reason.SERVER_ERROR, asked=2))),
    of_upstreams(
        "hang with healthy /health",
        _hangs_with_healthy_health,
        both(Outage(Reason.FIRST_TOKEN_TIMEOUT, waits=Limit.FIRST_CONTENT)),
    ),
    # The last tier has no answer.
    of_the_cache("cache absent", CacheTrouble.ABSENT, both(missed(CacheLookup.ERROR))),
    of_the_cache("cache slow", CacheTrouble.SLOW, both(missed(CacheLookup.SLOW, waits=Limit.LOOKUP))),
    of_the_cache("cache throttled", CacheTrouble.THROTTLED, both(missed(CacheLookup.ERROR))),
    of_the_cache("cache oversized", CacheTrouble.OVERSIZED, both(missed(CacheLookup.UNREADABLE))),
    of_the_cache("cache stale", CacheTrouble.STALE, both(missed(CacheLookup.EXPIRED))),
)  # fmt: skip
