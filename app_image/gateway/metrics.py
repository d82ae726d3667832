"""Every metric of the gateway, declared here and nowhere else.

Labels come from closed sets, and every label set exists at 0 from the start of the process: a counter that appears
with its first error has no rate for that error. Nothing a client sends becomes a label.
"""

from itertools import pairwise

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from gateway.outcome import Reason, RouteName, StatusClass, TierName
from gateway.settings import Settings

NO_TIER = "none"
_SHORTEST_SECONDS, _LONGEST_SECONDS, _STEPS = 0.05, 30.0, 29
# Adjacent bounds are at most a factor of 1.25 apart, which the rank test of a canary relies on.
LATENCY_BOUNDS_SECONDS = tuple(
    float(f"{_SHORTEST_SECONDS * (_LONGEST_SECONDS / _SHORTEST_SECONDS) ** (step / _STEPS):.4g}")
    for step in range(_STEPS + 1)
)
_ROAD = (*TierName, NO_TIER)


class Metrics:
    """The counters of one process, in a registry of its own. Children are looked up once and kept."""

    def __init__(self, settings: Settings) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.in_flight = Gauge(
            "switchyard_in_flight", "Chat completion requests that are being answered.", registry=self.registry
        )
        self._requests = self._request_counters()
        self._fallbacks = self._fallback_counters()
        self._first_token = self._latency(
            "switchyard_time_to_first_token_seconds", "From the request's first byte to the answer's first content."
        )
        self._duration = self._latency(
            "switchyard_request_duration_seconds", "From the request's first byte to the answer's last."
        )
        self._tell_release(settings)

    def request(self, route: RouteName, status: StatusClass, tier: TierName | None) -> None:
        self._requests[route, status, tier or NO_TIER].inc()

    def fallback(self, left: TierName, to: TierName | None, reason: Reason) -> None:
        self._fallbacks[left, to or NO_TIER, reason].inc()

    def first_token(self, tier: TierName, seconds: float) -> None:
        self._first_token[tier].observe(seconds)

    def answered(self, tier: TierName, seconds: float) -> None:
        """Only whole answers: a failure's time would say something about limits, not about latency."""
        self._duration[tier].observe(seconds)

    def exposition(self) -> bytes:
        return generate_latest(self.registry)

    def _request_counters(self) -> dict[tuple[str, str, str], Counter]:
        counter = Counter(
            "switchyard_requests",
            "Requests, by how they ended and who answered.",
            ["route", "status_class", "tier"],
            registry=self.registry,
        )
        keys = [(route, status, tier) for route in RouteName for status in StatusClass for tier in _tiers_of(route)]
        return {key: counter.labels(*key) for key in keys}

    def _fallback_counters(self) -> dict[tuple[str, str, str], Counter]:
        counter = Counter(
            "switchyard_fallbacks",
            "Tiers that were left, for which one, and why.",
            ["from", "to", "reason"],
            registry=self.registry,
        )
        roads = [*pairwise(_ROAD), *((tier, NO_TIER) for tier in TierName)]
        return {(left, to, reason): counter.labels(left, to, reason) for left, to in roads for reason in Reason}

    def _latency(self, name: str, text: str) -> dict[TierName, Histogram]:
        histogram = Histogram(name, text, ["tier"], buckets=LATENCY_BOUNDS_SECONDS, registry=self.registry)
        return {tier: histogram.labels(tier) for tier in TierName}

    def _tell_release(self, settings: Settings) -> None:
        labels = {"release": settings.release, "colour": settings.colour, "model_colour": settings.model_colour}
        info = Gauge(
            "switchyard_release_info", "What this task was started as; always 1.", list(labels), registry=self.registry
        )
        info.labels(**labels).set(1)


def _tiers_of(route: RouteName) -> tuple[str, ...]:
    return _ROAD if route is RouteName.CHAT_COMPLETIONS else (NO_TIER,)
