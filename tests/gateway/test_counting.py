"""The exposition is prometheus_client's own, its histograms' times of creation excepted."""

from gateway.counting import Counts, Latencies
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

BOUNDS = (0.05, 0.1, 2.5)


def exposed(registry: CollectorRegistry) -> list[str]:
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


def test_counters_are_told_as_the_library_tells_them() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    keys = [("chat", "vllm"), ("chat", 'a "quoted" one')]
    counts = Counts(ours, "requests", "How many.", ["route", "tier"], keys)
    counter = Counter("requests", "How many.", ["route", "tier"], registry=theirs)
    children = [counter.labels(*key) for key in keys]
    counts.add(keys[0])
    children[0].inc()
    counts.add(keys[1], 0.25)
    children[1].inc(0.25)
    assert exposed(ours) == exposed(theirs)


def test_latencies_are_told_as_the_library_tells_them() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    latencies = Latencies(ours, "seconds", "How long.", "tier", ["vllm", "openai"], BOUNDS)
    histogram = Histogram("seconds", "How long.", ["tier"], buckets=BOUNDS, registry=theirs)
    children = {tier: histogram.labels(tier) for tier in ("vllm", "openai")}
    for seconds in (0.0, 0.05, 0.0500001, 0.1, 2.5, 7.0):
        latencies.observe("vllm", seconds)
        children["vllm"].observe(seconds)
    assert exposed(ours) == exposed(theirs)
