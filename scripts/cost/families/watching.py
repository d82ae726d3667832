"""Logs, metrics, alarms, dashboards."""

from collections.abc import Iterable
from typing import Any

from scripts.cost.assumptions import Assumptions
from scripts.cost.family import Family, of_type
from scripts.cost.model import HOURS_A_MONTH, Line, Used
from scripts.cost.scene import Scene

_LOGS = "aws:cloudwatch/logGroup:LogGroup"
_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
_DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
_CLUSTER = "aws:ecs/cluster:Cluster"
_WORKSPACE = "aws:amp/workspace:Workspace"
_FLOWS = "aws:ec2/flowLog:FlowLog"
_SCALING = "aws:appautoscaling/policy:Policy"
# Application Auto Scaling makes one alarm to grow and one to shrink for each policy that tracks a target.
_ALARMS_A_POLICY = 2
_SECONDS_AN_HOUR = 3600
_DAYS_A_MONTH = 30
_TEN_MILLION = 1e7


def _lines(scene: Scene) -> Iterable[Line]:
    metrics = sum(_metrics(alarm.inputs) for alarm in of_type(scene, _ALARM))
    insights = [found for found in of_type(scene, _CLUSTER) if _has_insights(found.inputs)]
    yield Line.always("alarms, by the metrics they watch", "cloudwatch.alarm", metrics)
    yield Line.always("alarms that scaling makes for itself", "cloudwatch.alarm", _of_scaling(scene))
    yield Line.always("alarms made of alarms", "cloudwatch.composite_alarm", len(of_type(scene, _COMPOSITE)))
    yield Line.always("dashboards", "cloudwatch.dashboard", len(of_type(scene, _DASHBOARD)))
    yield Line.always("metrics made of log lines", "cloudwatch.metric", len(of_type(scene, _FILTER)))
    yield Line.always("Container Insights", "cloudwatch.container_insights", len(insights))


def _uses(scene: Scene, month: Assumptions) -> Iterable[Used]:
    if groups := of_type(scene, _LOGS):
        kept = max(int(found.inputs.get("retentionInDays", 0)) for found in groups) / _DAYS_A_MONTH
        yield Used("containers' lines taken in", "logs.ingest", month.log_gb, "--log-gb")
        yield Used("containers' lines kept", "logs.storage", month.log_gb * kept, f"--log-gb, kept {kept:.1f} months")
    if flows := of_type(scene, _FLOWS):
        to_s3 = {found.inputs.get("logDestinationType") for found in flows} == {"s3"}
        yield Used(
            "what AWS logs, delivered",
            "logs.to_s3" if to_s3 else "logs.ingest",
            month.delivered_log_gb,
            "--delivered-log-gb",
        )
    yield Used("metrics that the kit publishes", "cloudwatch.metric", month.custom_metrics, "--custom-metrics")
    if of_type(scene, _WORKSPACE):
        samples = month.metric_series * HOURS_A_MONTH * _SECONDS_AN_HOUR / month.scrape_seconds
        yield Used(
            "Prometheus samples", "prometheus.samples", samples / _TEN_MILLION, "--metric-series, --scrape-seconds"
        )


def _metrics(alarm: dict[str, Any]) -> int:
    """An alarm on a formula is billed for each metric in it."""
    return max(1, sum("metric" in query for query in alarm.get("metricQueries", [])))


def _of_scaling(scene: Scene) -> int:
    tracking = [one for one in of_type(scene, _SCALING) if one.inputs.get("policyType") == "TargetTrackingScaling"]
    return _ALARMS_A_POLICY * len(tracking)


def _has_insights(cluster: dict[str, Any]) -> bool:
    settings = {found["name"]: found["value"] for found in cluster.get("settings", [])}
    return bool(settings.get("containerInsights", "disabled") != "disabled")


FAMILY = Family(
    "watching",
    frozenset({_LOGS, _FILTER, _ALARM, _COMPOSITE, _DASHBOARD, _CLUSTER, _WORKSPACE, _FLOWS, _SCALING}),
    lambda s: [*_lines(s)],
    lambda s, m: [*_uses(s, m)],
)
