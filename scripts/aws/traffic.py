"""How many requests the public load balancer took, day by day."""

from datetime import UTC, date, datetime, timedelta

from scripts.aws.clients import Clients
from scripts.aws.failures import translated

_DAY_SECONDS = 86_400


def requests_a_day(clients: Clients, load_balancer_arn: str, today: date, days: int) -> dict[date, float]:
    """Sums of whole days (UTC) before `today`. A day without a request has no data point."""
    end = datetime(today.year, today.month, today.day, tzinfo=UTC)
    with translated("cloudwatch", "GetMetricStatistics"):
        found = clients.read("cloudwatch").get_metric_statistics(
            Namespace="AWS/ApplicationELB",
            MetricName="RequestCount",
            Dimensions=[{"Name": "LoadBalancer", "Value": load_balancer_arn.partition(":loadbalancer/")[2]}],
            StartTime=end - timedelta(days=days),
            EndTime=end,
            Period=_DAY_SECONDS,
            Statistics=["Sum"],
        )
    return {entry["Timestamp"].astimezone(UTC).date(): float(entry["Sum"]) for entry in found["Datapoints"]}
