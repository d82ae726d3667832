"""vLLM taken away on purpose, and which flaws of a run that explains. Pure.

An answer that had begun when its vLLM was killed cannot be saved: what its client has read came from a model that is
no more, and no other one can go on from there. All that a gateway can do is to say so. Nothing else is explained.
"""

import math
from dataclasses import dataclass

from rehearsal.generations import Upstream
from rehearsal.traffic.record import Outcome, Record

# From the moment that was noted until the last of several processes is dead.
_KILLING_SECONDS = 0.5


@dataclass(frozen=True)
class Outage:
    """Every vLLM process that was asked was killed at `began`; from `ended` on one answers again. Epoch seconds."""

    began: float
    ended: float = math.inf

    def cut(self, record: Record) -> bool:
        """Whether the kill explains the cut: vLLM's answer, in flight at that moment, whose end was told in-band."""
        return (
            record.outcome is Outcome.CUT
            and record.told
            and record.tier == Upstream.VLLM
            and _in_flight(record, self.began, self.began + _KILLING_SECONDS)
        )

    def stood_in(self, record: Record) -> bool:
        """Whether OpenAI answered because vLLM was away."""
        return (
            record.outcome is Outcome.ANSWERED
            and record.tier == Upstream.OPENAI
            and _in_flight(record, self.began, self.ended)
        )

    def is_over(self, record: Record) -> bool:
        """Whether vLLM answered a request that began afterwards."""
        return record.outcome is Outcome.ANSWERED and record.tier == Upstream.VLLM and record.started >= self.ended


def _in_flight(record: Record, since: float, until: float) -> bool:
    """At some moment of that time. A request that never ended was nobody's answer."""
    return record.ms is not None and record.started <= until and record.started + record.ms / 1000 >= since
