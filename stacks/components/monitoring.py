"""Where containers' lines are kept. Metrics go elsewhere (`telemetry.py`), alarms are in `alerts.py`."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.containers import COLLECTOR, EXPORTER
from stacks.naming import Names, Part


@dataclass(frozen=True)
class MonitoringArgs:
    names: Names
    log_retention_days: int


class Monitoring(pulumi.ComponentResource):
    """One log group a part, one for the collectors, one for the GPU exporters."""

    log_groups: dict[str, aws.cloudwatch.LogGroup]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Monitoring", name, {}, opts)
        self.log_groups = {
            which: aws.cloudwatch.LogGroup(
                f"{name}-{which}-logs",
                name=args.names.log_group(which),
                retention_in_days=args.log_retention_days,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for which in (*Part, COLLECTOR, EXPORTER)
        }
        self.register_outputs({"names": {which: group.name for which, group in self.log_groups.items()}})

    def arns_for(self, which: str) -> list[pulumi.Output[str]]:
        """The groups that a task writes to, of a part or of the exporter, with its collector."""
        return [self.log_groups[which].arn, self.log_groups[COLLECTOR].arn]
