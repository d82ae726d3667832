"""How settings must relate to each other and to AWS's limits. Pure: typed values in, sentences out.

A rule is asked only when all the settings it names could be read, so one bad value never hides another.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from stacks.instance_types import INSTANCE_TYPES

_SECRET = frozenset({"previewToken"})


@dataclass(frozen=True)
class Rule:
    """`holds` gets the values of `keys`, in their order."""

    keys: tuple[str, ...]
    holds: Callable[..., bool]
    wanted: str


def broken(values: Mapping[str, Any]) -> list[str]:
    """A sentence for each rule that the values break."""
    asked = [rule for rule in RULES if all(key in values for key in rule.keys)]
    return [_sentence(rule, values) for rule in asked if not rule.holds(*(values[key] for key in rule.keys))]


def _sentence(rule: Rule, values: Mapping[str, Any]) -> str:
    return f"{', '.join(_shown(key, values[key]) for key in rule.keys)}: {rule.wanted}"


def _shown(key: str, value: Any) -> str:
    if key in _SECRET:
        return f"{key} (hidden)"
    return f"{key} {' '.join(value) if isinstance(value, tuple) else value}"


def _between(key: str, low: int, high: int, reason: str) -> Rule:
    return Rule((key,), lambda value: low <= value <= high, f"expected {low} to {high} ({reason})")


def _floor_in_aws(key: str, low: int, high: int) -> Rule:
    """AWS's limits. The rehearsal's load balancer takes less, and a whole story must fit into three minutes."""
    return Rule(
        ("environment", key),
        lambda environment, value: (1 if environment == "rehearsal" else low) <= value <= high,
        f"expected {low} to {high} (Elastic Load Balancing's limits; only 'rehearsal' may go down to 1)",
    )


def _shorter_than_interval(part: str) -> Rule:
    return Rule(
        ("environment", f"{part}HealthTimeoutSeconds", f"{part}HealthIntervalSeconds"),
        lambda environment, timeout, interval: (
            timeout < interval or (environment == "rehearsal" and timeout == interval)
        ),
        "a check must time out before the next one starts",
    )


def _ordered(low: str, high: str) -> Rule:
    return Rule((low, high), lambda least, most: 1 <= least <= most, f"expected 1 <= {low} <= {high}")


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


_PLACE = (
    Rule(
        ("region", "zones"), lambda region, zones: all(zone[:-1] == region for zone in zones), "a zone is not in region"
    ),
    Rule(("zones",), lambda zones: 2 <= len(set(zones)) == len(zones) <= 3, "expected two or three different zones"),
    Rule(
        ("cidr",),
        lambda cidr: _is_network(cidr) and 16 <= ip_network(cidr).prefixlen <= 22 and ip_network(cidr).is_private,
        "expected a private network between /16 and /22, for example 10.42.0.0/16",
    ),
    Rule(
        ("allowedSourceRanges",), lambda ranges: all(map(_is_network, ranges)), "expected networks such as 192.0.2.0/24"
    ),
)

_ENTRANCE = (
    Rule(
        ("domainName",),
        lambda name: re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}|localhost", name) is not None,
        "expected a host name without scheme or path",
    ),
    Rule(
        ("certificateArn",),
        lambda arn: ":certificate/" in arn and arn.startswith("arn:"),
        "expected a certificate's ARN",
    ),
    Rule(
        ("previewToken",),
        lambda token: re.fullmatch(r"[0-9a-f]{32,}", token) is not None,
        "expected at least 128 bits as lower-case hex: openssl rand -hex 32",
    ),
)

_TIMES = (
    _between("streamLimitSeconds", 1, 3600, "a target group deregisters for at most an hour"),
    _between("deregistrationDelaySeconds", 0, 3600, "Elastic Load Balancing's limits"),
    _between("idleTimeoutSeconds", 1, 4000, "Elastic Load Balancing's limits"),
    _between("stopTimeoutSeconds", 2, 120, "ECS's limits on Fargate"),
    Rule(
        ("deregistrationDelaySeconds", "streamLimitSeconds"),
        lambda delay, limit: delay >= limit,
        "the delay must be at least the stream limit, else a release cuts the longest streams",
    ),
    Rule(
        ("idleTimeoutSeconds", "streamLimitSeconds"),
        lambda idle, limit: idle >= limit,
        "the idle timeout must be at least the stream limit: an answer not streamed is silent until it is whole",
    ),
    Rule(
        ("keepAliveSeconds", "idleTimeoutSeconds"),
        lambda keep_alive, idle: keep_alive > idle,
        "a server must keep a connection longer than the load balancer does, else a reused one is reset",
    ),
    Rule(
        ("settleTimeoutSeconds", "deregistrationDelaySeconds", "stopTimeoutSeconds"),
        lambda settle, delay, stop: settle >= delay + stop,
        "settling must outlast draining (deregistration delay + stop timeout)",
    ),
)

_HEALTH = (
    *(_floor_in_aws(f"{part}HealthIntervalSeconds", 5, 300) for part in ("api", "vllm")),
    *(_floor_in_aws(f"{part}HealthTimeoutSeconds", 2, 120) for part in ("api", "vllm")),
    *(_shorter_than_interval(part) for part in ("api", "vllm")),
    *(
        _between(f"{part}{count}Count", 2, 10, "Elastic Load Balancing's limits")
        for part in ("api", "vllm")
        for count in ("Healthy", "Unhealthy")
    ),
    _between("containerCheckIntervalSeconds", 5, 300, "ECS's limits"),
    _between("vllmGraceSeconds", 0, 2147483647, "ECS's limits"),
)

_SIZES = (
    _ordered("apiMinimumCount", "apiMaximumCount"),
    _ordered("vllmMinimumCount", "vllmMaximumCount"),
    Rule(
        ("environment", "vllmMinimumCount"),
        lambda environment, count: environment != "production" or count >= 2,
        "production needs two: with one, every restart of vLLM is an outage of the model",
    ),
    Rule(
        ("apiCpuUnits", "apiMemoryMib"),
        lambda cpu, memory: cpu in (256, 512, 1024, 2048, 4096) and 2 * cpu <= memory <= 8 * cpu,
        "Fargate has 256, 512, 1024, 2048 or 4096 CPU units with two to eight MiB for each",
    ),
    Rule(("instanceType",), lambda name: name in INSTANCE_TYPES, f"expected one of {', '.join(INSTANCE_TYPES)}"),
    Rule(("gpuAmiId",), lambda image: re.fullmatch(r"ami-[0-9a-f]{8,17}", image) is not None, "expected ami-…"),
    Rule(("hourlyUsd",), lambda price: price > 0, "expected the on-demand price of one host, above 0"),
    Rule(
        ("instanceType", "vllmMemoryMib"),
        lambda name, memory: name not in INSTANCE_TYPES or memory + 2048 <= INSTANCE_TYPES[name].memory_mib,
        "the host needs 2048 MiB for its system, the ECS agent and the collector",
    ),
    Rule(
        ("vllmSharedMemoryMib", "vllmMemoryMib"),
        lambda shared, memory: 64 <= shared < memory,
        "shared memory counts towards the container's memory",
    ),
    Rule(
        ("instanceType", "maximumHosts", "vllmMinimumCount"),
        lambda name, hosts, count: name not in INSTANCE_TYPES or hosts * INSTANCE_TYPES[name].gpus >= 2 * count,
        "a release runs both colours at once: the hosts must have GPUs for twice the minimum",
    ),
    Rule(
        ("reservedHosts", "maximumHosts"),
        lambda reserved, most: 0 <= reserved <= most,
        "more hosts reserved than may ever run",
    ),
)

_FALLBACK = (
    Rule(("openaiBaseUrl",), lambda url: re.fullmatch(r"https?://[^/]+(/.*)?", url) is not None, "expected a URL"),
    Rule(
        ("environment", "openaiBaseUrl"),
        lambda environment, url: environment == "rehearsal" or url.startswith("https://"),
        "prompts leave through TLS only: expected https://",
    ),
)

_OBSERVATION = (
    Rule(
        ("environment", "collectorImage"),
        lambda environment, image: image != "unpinned" or environment == "rehearsal",
        "pin the collector: docker buildx imagetools inspect IMAGE:TAG, then "
        "pulumi config set collectorImage IMAGE@sha256:DIGEST",
    ),
    Rule(
        ("collectorImage",),
        lambda image: image == "unpinned" or re.fullmatch(r".+@sha256:[0-9a-f]{64}", image) is not None,
        "expected IMAGE@sha256:DIGEST",
    ),
    Rule(
        ("logRetentionDays",),
        lambda days: days in (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
        "CloudWatch Logs keeps 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731 days",
    ),
)

_RELEASE = (
    *(
        Rule((key,), lambda number: number > 0, "expected more than 0")
        for key in (
            *("startTimeoutSeconds", "pollSeconds", "switchTimeoutSeconds", "bakeSeconds", "rollbackWatchSeconds"),
            *("leaseSeconds", "unsettledAlarmHours"),
        )
    ),
    _between("probeAnswers", 1, 1000, "answers in a row on each address"),
    Rule(
        ("environment", "holdSeconds"),
        lambda environment, hold: hold >= (0 if environment == "rehearsal" else 120),
        "weights apply up to two minutes late: hold the old colour for at least 120 (only 'rehearsal' may hold less)",
    ),
    Rule(
        ("intentValidSeconds",),
        lambda valid: 0 < valid <= 5,
        "an announced write must follow within 5 s, else a stale holder could act on it",
    ),
    Rule(
        ("leaseSeconds", "intentValidSeconds"),
        lambda lease, valid: lease >= 2 * valid,
        "a lease must outlast two announced writes",
    ),
)

RULES = (*_PLACE, *_ENTRANCE, *_TIMES, *_HEALTH, *_SIZES, *_FALLBACK, *_OBSERVATION, *_RELEASE)
