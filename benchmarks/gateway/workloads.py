"""What is asked of every contestant, and how: the closed loops show what it can do, the open ones how it feels.

In a closed loop each connection asks again as soon as it was answered. In an open one requests come when they come,
at a rate that even the slowest contestant can follow, whether or not earlier ones were answered.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from benchmarks.gateway.mock import WORD, WORDS, Order

PATH = "/v1/chat/completions"
MODEL = "bench"
_REQUEST_BYTES = 1024


class Loop(StrEnum):
    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True)
class Workload:
    """`words` is how many an answer has, one a chunk when it is streamed. `connections` is for a closed loop,
    `rate_per_second` for an open one. `assembled`: the upstream streams, the client does not; what does not ask an
    upstream to stream for such a client takes no part."""

    name: str
    title: str
    loop: Loop
    order: Order
    stream: bool
    words: int = WORDS
    connections: int = 0
    rate_per_second: float = 0.0
    assembled: bool = False

    @property
    def body(self) -> bytes:
        """About 1 KB, whatever is asked."""
        request = {"model": MODEL, "max_tokens": self.words, "user": self.order.value, "temperature": 0.2}
        if self.stream:
            request |= {"stream": True, "stream_options": {"include_usage": True}}
        messages = [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": ""}]
        missing = _REQUEST_BYTES - len(msgspec.json.encode({**request, "messages": messages}))
        messages[1]["content"] = ("how much does a gateway cost " * 40)[:missing]
        return msgspec.json.encode({**request, "messages": messages})

    @property
    def chunks(self) -> int:
        """How many events an upstream sends for an answer, the last [DONE] excepted; 0: it answers with JSON."""
        streams = self.order is not Order.WHOLE and (self.stream or self.assembled)
        return self.words + 3 if streams else 0

    def problem_of(self, status: int, answer: bytes) -> str | None:
        """What is wrong with an answer; None: it is whole."""
        if status != 200:
            return f"status {status}"
        whole = answer.count(WORD) == self.words and (not self.stream or b"[DONE]" in answer)
        return None if whole else "not whole"


def workloads(connections: int, slow_rate: float, fast_rate: float) -> tuple[Workload, ...]:
    """`slow_rate` is for all, `fast_rate` for those that are not slow. The last words of a title say what is new."""
    closed, at_once, paced = Loop.CLOSED, Order.AT_ONCE, Order.PACED
    return (
        Workload("json", "upstream answers JSON", closed, Order.WHOLE, False, connections=connections),
        Workload(
            "assembled", "upstream streams 100 words at once, assembled", closed, at_once, False, 100, connections,
            assembled=True,
        ),
        Workload("sse", "client streams, 100 words at once", closed, at_once, True, 100, connections),
        Workload(
            "assembled-paced", "upstream streams 100 words a second, assembled", closed, paced, False, 100,
            connections, assembled=True,
        ),
        Workload("sse-paced", "client streams, 100 words a second", closed, paced, True, 100, connections),
        Workload("json-open", "upstream answers JSON", Loop.OPEN, Order.WHOLE, False, rate_per_second=slow_rate),
        Workload("sse-open", "client streams, 20 words", Loop.OPEN, at_once, True, 20, rate_per_second=slow_rate),
        Workload("json-open-fast", "upstream answers JSON", Loop.OPEN, Order.WHOLE, False, rate_per_second=fast_rate),
    )  # fmt: skip
