"""Every metric of the gateway, declared here and nowhere else.

Labels come from closed sets, and every label set exists at 0 from the start of the process: a counter that appears
with its first error has no rate for that error. Nothing a client sends becomes a label.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.process_collector import ProcessCollector

from gateway.breaker import Breaker, BreakerState
from gateway.cache.outcome import CacheLookup, CacheWrite
from gateway.counting import Counts, Latencies
from gateway.errors import ErrorCode, Limit
from gateway.keys.key import NANO
from gateway.outcome import UPSTREAMS, Reason, RouteName, StatusClass, TierName
from gateway.settings import Settings
from gateway.usage import Tokens

NO_TIER = "none"
_SHORTEST_SECONDS, _LONGEST_SECONDS, _STEPS = 0.05, 30.0, 29
# Adjacent bounds are at most a factor of 1.25 apart, which the rank test of a canary relies on.
LATENCY_BOUNDS_SECONDS = tuple(
    float(f"{_SHORTEST_SECONDS * (_LONGEST_SECONDS / _SHORTEST_SECONDS) ** (step / _STEPS):.4g}")
    for step in range(_STEPS + 1)
)
_PROMPT, _COMPLETION = "prompt", "completion"
_ROADS = [(left, to) for left in TierName for to in (*TierName, NO_TIER) if left != to]


class Metrics:
    """The counters of one process, in a registry of its own."""

    def __init__(self, settings: Settings) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = self._counters(
            "requests", "Requests, by how they ended and who answered.", _REQUEST_LABELS, _request_keys()
        )
        self._errors = self._counters("errors", "Answers that were the gateway's own errors.", ["code"], ErrorCode)
        self._limits_hit = self._counters("limits_hit", "Requests that a limit refused.", ["limit"], Limit)
        self._fallbacks = self._counters(
            "fallbacks",
            "Tiers that were left, for which one, and why.",
            ["from", "to", "reason"],
            [(*road, reason) for road, reason in product(_ROADS, Reason)],
        )
        self._retries = self._counters("retries", "Second tries on the same tier.", ["tier"], UPSTREAMS)
        self._tokens = self._counters(
            "tokens",
            "Tokens that were used, those of broken answers estimated.",
            ["tier", "kind"],
            list(product(TierName, (_PROMPT, _COMPLETION))),
        )
        self._cost = self._counters("cost_usd", "What the tokens cost by list price, in USD.", ["tier"], TierName)
        self._usage_missing = self._counters(
            "usage_missing", "Answers whose upstream did not say how many tokens they took.", ["tier"], UPSTREAMS
        )
        self._lookups = self._counters(
            "cache_lookups", "Looking for an earlier answer, by what came of it.", ["result"], CacheLookup
        )
        self._writes = self._counters(
            "cache_writes", "Answers that might be kept, by what came of it.", ["result"], CacheWrite
        )
        self._first_token = self._latency(
            "time_to_first_token_seconds", "From the request's first byte to the answer's first content."
        )
        self._duration = self._latency(
            "request_duration_seconds", "From the request's first byte to the answer's last."
        )
        self._tell_release(settings)

    def request(self, route: RouteName, status: StatusClass, tier: TierName | None) -> None:
        self._requests.add((route, status, tier or NO_TIER))

    def error(self, code: ErrorCode) -> None:
        self._errors.add(code)

    def limit_hit(self, limit: Limit) -> None:
        self._limits_hit.add(limit)

    def fallback(self, left: TierName, to: TierName | None, reason: Reason) -> None:
        self._fallbacks.add((left, to or NO_TIER, reason))

    def retried(self, tier: TierName) -> None:
        self._retries.add(tier)

    def used(self, tier: TierName, tokens: Tokens, cost_nano_usd: int) -> None:
        self._tokens.add((tier, _PROMPT), tokens.prompt)
        self._tokens.add((tier, _COMPLETION), tokens.completion)
        if cost_nano_usd:
            self._cost.add(tier, cost_nano_usd / NANO)

    def usage_missing(self, tier: TierName) -> None:
        self._usage_missing.add(tier)

    def cache_lookup(self, result: CacheLookup) -> None:
        self._lookups.add(result)

    def cache_write(self, result: CacheWrite) -> None:
        self._writes.add(result)

    def first_token(self, tier: TierName, seconds: float) -> None:
        self._first_token.observe(tier, seconds)

    def answered(self, tier: TierName, seconds: float) -> None:
        """Only whole answers: a failure's time would say something about limits, not about latency."""
        self._duration.observe(tier, seconds)

    def observe_admission(self, in_flight: Callable[[], float], queued: Callable[[], float]) -> None:
        """Looked at when the metrics are read."""
        self._gauge("in_flight", "Completion requests that are being answered.").set_function(in_flight)
        self._gauge("queued", "Completion requests that wait for a place.").set_function(queued)

    def observe_breakers(self, breakers: Mapping[TierName, Breaker]) -> None:
        """Looked at when the metrics are read."""
        gauge = self._gauge("breaker_state", "1 for the state that the tier's breaker is in.", ["tier", "state"])
        for (tier, breaker), state in product(breakers.items(), BreakerState):
            gauge.labels(tier, state).set_function(_is_in(breaker, state))

    def exposition(self) -> bytes:
        return generate_latest(self.registry)

    def _counters(self, name: str, text: str, labels: list[str], keys: Iterable[Any]) -> Counts:
        return Counts(self.registry, f"switchyard_{name}", text, labels, keys)

    def _gauge(self, name: str, text: str, labels: Iterable[str] = ()) -> Gauge:
        return Gauge(f"switchyard_{name}", text, list(labels), registry=self.registry)

    def _latency(self, name: str, text: str) -> Latencies:
        return Latencies(self.registry, f"switchyard_{name}", text, "tier", TierName, LATENCY_BOUNDS_SECONDS)

    def _tell_release(self, settings: Settings) -> None:
        labels = {"release": settings.release, "colour": settings.colour, "model_colour": settings.model_colour}
        info = self._gauge("release_info", "What this task was started as; always 1.", labels)
        info.labels(**labels).set(1)


_REQUEST_LABELS = ["route", "status_class", "tier"]


def _request_keys() -> list[tuple[str, str, str]]:
    def tiers(route: RouteName) -> tuple[str, ...]:
        return (*TierName, NO_TIER) if route.asks_a_model else (NO_TIER,)

    return [(route, status, tier) for route in RouteName for status in StatusClass for tier in tiers(route)]


def _is_in(breaker: Breaker, state: BreakerState) -> Callable[[], float]:
    return lambda: float(breaker.state is state)
