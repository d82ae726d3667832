"""The story's own outage: when vLLM was killed and when it was back, who stood in, and what that cost so far."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from rehearsal.gateway_metrics import TierCounts
from rehearsal.report import Fallback
from rehearsal.story.script import Scene, Step
from rehearsal.traffic.outage import Outage


class TakenAway:
    """Follows a story. `count` tells what OpenAI answered up to now."""

    def __init__(self, count: Callable[[], TierCounts], gpu_usd_per_hour: float) -> None:
        self._count, self._gpu_usd_per_hour = count, gpu_usd_per_hour
        self._before = TierCounts()
        self.outage: Outage | None = None
        self.fallback: Fallback | None = None

    def before(self, step: Step) -> None:
        """Look at the meter before anything happens."""
        if step.scene is Scene.VLLM_KILLED:
            self._before = self._count()

    def after(self, step: Step, answer: Mapping[str, Any], ended_at: float) -> Fallback | None:
        """Take note of a step that ended well. Returns what the fallback did and cost, for as long as it lasts."""
        if step.scene is Scene.VLLM_KILLED:
            self.outage = Outage(float(answer["at"]))
        if self.outage is None or self.outage.ended < math.inf:
            return None
        if step.scene is Scene.VLLM_BACK:
            self.outage = Outage(self.outage.began, ended_at)
        self.fallback = self._look(min(self.outage.ended, time.time()) - self.outage.began)
        return self.fallback

    def _look(self, seconds: float) -> Fallback:
        counted = self._count().since(self._before)
        return Fallback(seconds=seconds, gpu_usd_per_hour=self._gpu_usd_per_hour, **asdict(counted))
