"""What CloudWatch wakes somebody for, as data: only what the environment's own metrics store cannot see. Pure.

Each alarm has a page, `runbooks/alerts/<name>.md`, whatever its colour. `blocks_release` says whether pre-flight
refuses while it rings: where nobody could tell afterwards what the release did. Where nothing answers at all a release
may be the cure, and it does not. `components/alerts.py` declares them.

Missing data: a metric that AWS reports only when something happens counts as 0 inside an expression, and an expression
without any data is not breaching, because an environment without traffic is not ill. The newest minute of such a metric
is often not there yet and then counts as 0 too, so no alarm asks for all of its periods (CloudWatch user guide, metric
math, FILL: "can be stuck in OK").
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from stacks.naming import Colour, Names, Part

# The word by which the release engine recognises an alarm that blocks: DescribeAlarms answers no tags.
BLOCKS = "blocks-release"
# A share of fewer requests a minute says nothing: one error of 20 is 5 %.
FLOOR_REQUESTS = 20
# What smoke and probes ask of a colour without weight stays below this, minute by minute.
FLOOR_SPLIT_REQUESTS = 10
# Errors above 5 % page (requirements: thresholds).
ERROR_PERCENT = 5
# A host boots, joins and is ready within this; ECS's warm-up of the capacity provider is 5 of these minutes.
HOST_START_MINUTES = 20
# Periods that may look well although nothing is, because their numbers have not arrived.
LATE_PERIODS = 2
# Fewer errors a minute of a load balancer without targets are a stranger's, not an outage of ours.
FLOOR_UNANSWERED = 5
# ACM renews 60 days before the end; a month before it, something has gone wrong twice.
CERTIFICATE_DAYS = 30
HEARTBEAT_METRIC = "SplitHeartbeat"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Severity(StrEnum):
    """Who is told: `page` wakes somebody, `ticket` waits for the morning."""

    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True)
class Metric:
    """One series. `zero_when_missing`: AWS does not report it when there is nothing to report."""

    namespace: str
    name: str
    dimensions: Mapping[str, Any]
    statistic: str = "Sum"
    zero_when_missing: bool = True


@dataclass(frozen=True)
class Alarm:
    """`expression` speaks of the metrics by their keys; it breaches at or above `threshold`."""

    name: str
    means: str
    severity: Severity
    blocks_release: bool
    metrics: Mapping[str, Metric]
    expression: str
    threshold: float
    period_seconds: int = _MINUTE
    periods: int = 3
    breaching_periods: int = 2
    colour: Colour | None = None

    @property
    def full_name(self) -> str:
        return self.name + (self.colour.title() if self.colour else "")

    @property
    def filled_expression(self) -> str:
        """With 0 in place of what AWS does not report."""
        sparse = [key for key, metric in self.metrics.items() if metric.zero_when_missing]
        return re.sub(rf"\b({'|'.join(sparse)})\b", r"FILL(\1, 0)", self.expression) if sparse else self.expression

    @property
    def description(self) -> str:
        marker = f" ({BLOCKS})" if self.blocks_release else ""
        return f"{self.means}{marker} Page: runbooks/alerts/{self.name}.md"


@dataclass(frozen=True)
class Watched:
    """What the alarms look at, by AWS's own identifiers (outputs, while the program runs)."""

    names: Names
    balancers: Mapping[Part, Any]
    target_groups: Mapping[Part, Mapping[Colour, Any]]
    hosts_group: Any
    certificate_arn: Any
    unsettled_hours: int
    balancer_words: Mapping[Part, str] = field(
        default_factory=lambda: {Part.API: "public load balancer", Part.VLLM: "internal load balancer"}
    )


def alarms(watched: Watched) -> Iterator[Alarm]:
    """Every alarm of an environment."""
    for part in Part:
        for colour in Colour:
            yield _errors(watched, part, colour)
        yield _outage(watched, part)
    yield _balancer_errors(watched)
    yield _unattended_split(watched)
    yield _unsettled_colour(watched)
    yield _hosts_missing(watched)
    yield _host_not_joined(watched)
    yield _certificate_expiry(watched)


def _errors(watched: Watched, part: Part, colour: Colour) -> Alarm:
    """Per colour, and only when it has requests: an idle colour has no error rate."""
    metrics = {
        "requests": _of_group(watched, part, colour, "RequestCount"),
        "errors": _of_group(watched, part, colour, "HTTPCode_Target_5XX_Count"),
        "refused": _of_group(watched, part, colour, "TargetConnectionErrorCount"),
    }
    return Alarm(
        name="ApiErrors" if part is Part.API else "VllmErrors",
        means=f"More than {ERROR_PERCENT} % of the requests to {part} {colour} failed.",
        severity=Severity.PAGE,
        blocks_release=True,
        metrics=metrics,
        expression=_share("errors + refused", "requests"),
        threshold=1,
        colour=colour,
    )


def _outage(watched: Watched, part: Part) -> Alarm:
    """All targets unhealthy: they still get the requests. No targets at all: the balancer itself answers 503."""
    metrics: dict[str, Metric] = {"own": _of_balancer(watched, part, "HTTPCode_ELB_5XX_Count")}
    for colour in Colour:
        metrics[f"{colour}_requests"] = _of_group(watched, part, colour, "RequestCount")
        metrics[f"{colour}_healthy"] = _of_group(watched, part, colour, "HealthyHostCount", "Maximum")
    failing_open = " OR ".join(f"({colour}_requests > 0 AND {colour}_healthy < 1)" for colour in Colour)
    nobody = " AND ".join(f"{colour}_healthy < 1" for colour in Colour)
    # Behind the internal load balancer only gateways knock, and an open breaker lets one request a minute through.
    unanswered = FLOOR_UNANSWERED if part is Part.API else 1
    return Alarm(
        name="ApiOutage" if part is Part.API else "VllmOutage",
        means=f"Requests reach the {watched.balancer_words[part]} and no {part} task is healthy.",
        severity=Severity.PAGE,
        blocks_release=False,
        metrics=metrics,
        expression=f"IF({failing_open} OR ({nobody} AND own >= {unanswered}), 1, 0)",
        threshold=1,
    )


def _balancer_errors(watched: Watched) -> Alarm:
    metrics = {
        "requests": _of_balancer(watched, Part.API, "RequestCount"),
        "own": _of_balancer(watched, Part.API, "HTTPCode_ELB_5XX_Count"),
    }
    return Alarm(
        name="LoadBalancerErrors",
        means=f"The public load balancer itself answered more than {ERROR_PERCENT} % of the requests with an error.",
        severity=Severity.PAGE,
        blocks_release=False,
        metrics=metrics,
        expression=_share("own", "requests + own"),
        threshold=1,
    )


def _unattended_split(watched: Watched) -> Alarm:
    """Five minutes: weights apply up to two minutes late, and a release that lives sends a heartbeat every minute."""
    metrics = {str(colour): _of_group(watched, Part.API, colour, "RequestCount") for colour in Colour}
    metrics["beat"] = Metric(watched.names.metric_namespace(), HEARTBEAT_METRIC, {}, "SampleCount")
    floor = FLOOR_SPLIT_REQUESTS
    return Alarm(
        name="UnattendedSplit",
        means="Both API colours get traffic and no release is running that would end it.",
        severity=Severity.PAGE,
        blocks_release=True,
        metrics=metrics,
        expression=f"IF(blue > {floor} AND green > {floor} AND beat < 1, 1, 0)",
        threshold=1,
        periods=5 + LATE_PERIODS,
        breaching_periods=5,
    )


def _unsettled_colour(watched: Watched) -> Alarm:
    """Container Insights counts tasks that run, healthy or not: those are what costs."""
    metrics = {f"{part}_{colour}": _running_tasks(watched, part, colour) for part in Part for colour in Colour}
    both = " OR ".join(f"({part}_blue > 0 AND {part}_green > 0)" for part in Part)
    return Alarm(
        name="UnsettledColour",
        means=f"Both colours have run for {watched.unsettled_hours} h: the old one costs and nobody settled it.",
        severity=Severity.TICKET,
        blocks_release=False,
        metrics=metrics,
        expression=f"IF({both}, 1, 0)",
        threshold=1,
        period_seconds=_HOUR,
        periods=watched.unsettled_hours + 1,
        breaching_periods=watched.unsettled_hours,
    )


def _hosts_missing(watched: Watched) -> Alarm:
    """Not blocking: pre-flight proves capacity by itself, and a release of the API alone needs no host."""
    metrics = {
        "desired": Metric("AWS/AutoScaling", "GroupDesiredCapacity", _group(watched), "Minimum"),
        "serving": Metric("AWS/AutoScaling", "GroupInServiceInstances", _group(watched), "Maximum"),
    }
    return Alarm(
        name="HostsMissing",
        means=f"Fewer GPU hosts in service than wanted for {HOST_START_MINUTES} minutes.",
        severity=Severity.PAGE,
        blocks_release=False,
        metrics=metrics,
        expression="IF(serving < desired, 1, 0)",
        threshold=1,
        periods=HOST_START_MINUTES + LATE_PERIODS,
        breaching_periods=HOST_START_MINUTES,
    )


def _host_not_joined(watched: Watched) -> Alarm:
    """It runs and is paid for, and no task can ever be placed on it: scale-in protection keeps it."""
    metrics = {
        "paid": Metric("AWS/AutoScaling", "GroupInServiceInstances", _group(watched), "Minimum"),
        "joined": Metric(
            "ECS/ContainerInsights", "ContainerInstanceCount", {"ClusterName": watched.names.cluster}, "Maximum"
        ),
    }
    return Alarm(
        name="HostNotJoined",
        means=f"A GPU host has run for {HOST_START_MINUTES} minutes without joining the cluster.",
        severity=Severity.TICKET,
        blocks_release=False,
        metrics=metrics,
        expression="IF(paid > joined, 1, 0)",
        threshold=1,
        periods=HOST_START_MINUTES + LATE_PERIODS,
        breaching_periods=HOST_START_MINUTES,
    )


def _certificate_expiry(watched: Watched) -> Alarm:
    days = Metric(
        "AWS/CertificateManager",
        "DaysToExpiry",
        {"CertificateArn": watched.certificate_arn},
        "Minimum",
        zero_when_missing=False,
    )
    return Alarm(
        name="CertificateExpiry",
        means=f"The public certificate ends in less than {CERTIFICATE_DAYS} days and was not renewed.",
        severity=Severity.TICKET,
        blocks_release=False,
        metrics={"days": days},
        expression=f"IF(days < {CERTIFICATE_DAYS}, 1, 0)",
        threshold=1,
        period_seconds=_DAY,
        periods=1,
        breaching_periods=1,
    )


def _share(part: str, whole: str) -> str:
    """Multiplied out: a division by no requests has no result, and an alarm without a result is silent."""
    return f"IF({whole} >= {FLOOR_REQUESTS} AND 100 * ({part}) >= {ERROR_PERCENT} * ({whole}), 1, 0)"


def _of_group(watched: Watched, part: Part, colour: Colour, name: str, statistic: str = "Sum") -> Metric:
    dimensions = {"TargetGroup": watched.target_groups[part][colour], "LoadBalancer": watched.balancers[part]}
    return Metric("AWS/ApplicationELB", name, dimensions, statistic)


def _of_balancer(watched: Watched, part: Part, name: str) -> Metric:
    return Metric("AWS/ApplicationELB", name, {"LoadBalancer": watched.balancers[part]})


def _group(watched: Watched) -> dict[str, Any]:
    return {"AutoScalingGroupName": watched.hosts_group}


def _running_tasks(watched: Watched, part: Part, colour: Colour) -> Metric:
    where = {"ClusterName": watched.names.cluster, "ServiceName": watched.names.slot(part, colour)}
    return Metric("ECS/ContainerInsights", "RunningTaskCount", where, "Minimum")
