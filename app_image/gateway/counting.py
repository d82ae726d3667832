"""Counters and histograms that cost a request little: plain numbers, made into Prometheus' samples when they are read.

prometheus_client's own take a lock, and look at what they were given, each time; here one thread counts, the event
loop's, and only what the metrics' declarations named.
"""

import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class Counts(Collector):
    """One counter by its labels' values: a tuple of them, or the only one. Each of `keys` exists at 0."""

    def __init__(
        self, registry: CollectorRegistry, name: str, text: str, labels: Sequence[str], keys: Iterable[Any]
    ) -> None:
        self._about = name, text, labels
        self._values: dict[Any, float] = dict.fromkeys(keys, 0.0)
        self._since = time.time()
        registry.register(self)

    def add(self, key: Any, amount: float = 1) -> None:
        """Raises KeyError for labels that were not declared."""
        self._values[key] += amount

    def describe(self) -> Iterator[Metric]:
        yield self._family()

    def collect(self) -> Iterator[Metric]:
        family = self._family()
        for key, value in self._values.items():
            family.add_metric(_labels(key), value, created=self._since)
        yield family

    def _family(self) -> CounterMetricFamily:
        name, text, labels = self._about
        return CounterMetricFamily(name, text, labels=labels)


class Latencies(Collector):
    """One histogram by its only label's value; `bounds` in seconds, rising."""

    def __init__(
        self,
        registry: CollectorRegistry,
        name: str,
        text: str,
        label: str,
        keys: Iterable[str],
        bounds: Sequence[float],
    ) -> None:
        self._about = name, text, [label]
        self._bounds = bounds
        self._names = [floatToGoString(bound) for bound in (*bounds, float("inf"))]  # type: ignore[no-untyped-call]
        self._counts = {key: [0] * len(self._names) for key in keys}
        self._sums = dict.fromkeys(self._counts, 0.0)
        registry.register(self)

    def observe(self, key: str, seconds: float) -> None:
        """Raises KeyError for a label that was not declared."""
        self._sums[key] += seconds
        self._counts[key][bisect_left(self._bounds, seconds)] += 1

    def describe(self) -> Iterator[Metric]:
        yield self._family()

    def collect(self) -> Iterator[Metric]:
        family = self._family()
        for key, counts in self._counts.items():
            buckets = list(zip(self._names, accumulate(counts), strict=True))
            family.add_metric([key], buckets, self._sums[key])
        yield family

    def _family(self) -> HistogramMetricFamily:
        name, text, labels = self._about
        return HistogramMetricFamily(name, text, labels=labels)


def _labels(key: Any) -> Sequence[str]:
    return key if type(key) is tuple else (key,)
