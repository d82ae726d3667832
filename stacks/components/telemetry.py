"""Where metrics go: the Prometheus workspace, and the log group of what CloudWatch makes metrics of.

Who sends them is the collector beside each task (`stacks/collectors.py`); rules, alarms and dashboards are elsewhere.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.collectors import queue_variables, workspace_variables
from stacks.naming import Names

_GROUP = "metrics"
# CloudWatch takes the metric out of a line when it arrives; the line itself is of no more use.
_LINES_KEPT_DAYS = 1


@dataclass(frozen=True)
class TelemetryArgs:
    names: Names
    region: str


class Telemetry(pulumi.ComponentResource):
    """One workspace and one log group an environment."""

    workspace_arn: pulumi.Output[str]
    lines_arn: pulumi.Output[str]

    def __init__(self, name: str, args: TelemetryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Telemetry", name, {}, opts)
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        workspace = aws.amp.Workspace(f"{name}-workspace", alias=args.names.prefix, opts=child)
        lines = aws.cloudwatch.LogGroup(
            f"{name}-lines",
            name=args.names.log_group(_GROUP),
            retention_in_days=_LINES_KEPT_DAYS,
            opts=child,
        )
        self._remote_write_url = pulumi.Output.concat(workspace.prometheus_endpoint, "api/v1/remote_write")
        self.workspace_arn, self.lines_arn = workspace.arn, lines.arn
        self.register_outputs({"workspaceArn": self.workspace_arn})

    def variables(self, job: str, port: int) -> pulumi.Output[dict[str, str]]:
        """What the collector of a task is told that exposes metrics on this port."""
        names, region = self._args.names, self._args.region
        found: pulumi.Output[dict[str, str]] = self._remote_write_url.apply(
            lambda url: workspace_variables(
                environment=names.environment, region=region, job=job, port=port, remote_write_url=url
            )
        )
        return found

    def queue_variables(self) -> dict[str, str]:
        """What it is told besides, where autoscaling reads what it publishes."""
        names = self._args.names
        return queue_variables(namespace=names.metric_namespace(), log_group=names.log_group(_GROUP))
