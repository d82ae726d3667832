"""How the gateway treats requests."""

import re

from stacks.relations.rule import Rule, between, more_than_zero

_NAME = re.compile(r"[A-Za-z0-9][\w.:/-]*")
_CACHE_DAYS = 30

RULES = (
    Rule(
        ("modelAliases",),
        lambda names: all(_NAME.fullmatch(name) for name in names) and len(set(names)) == len(names),
        "expected different names of letters, digits and . _ : / -",
    ),
    between("apiMaximumInFlight", 1, 10_000, "requests of one gateway task"),
    between("breakerFailures", 1, 1000, "failures in a row"),
    *more_than_zero("breakerOpenSeconds"),
    between("cacheSeconds", 0, _CACHE_DAYS * 86_400, f"{_CACHE_DAYS} days; 0 keeps no answer"),
    *(
        Rule((key,), lambda limit: limit is None or limit > 0, "expected a whole number above 0, or nothing")
        for key in ("maxOutputTokens", "promptLimitCharacters", "overflowQueueDepth")
    ),
    Rule(
        ("overflowQueueDepth", "vllmQueuePerTask"),
        lambda depth, queue: depth is None or depth > queue,
        "requests would leave before the queue is long enough for another vLLM task to be started",
    ),
)
