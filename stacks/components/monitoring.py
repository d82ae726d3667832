"""Where containers' lines are kept. Alarms, dashboards and the metrics workspace are not here yet."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.containers import COLLECTOR
from stacks.naming import Names, Part


@dataclass(frozen=True)
class MonitoringArgs:
    names: Names
    log_retention_days: int


class Monitoring(pulumi.ComponentResource):
    """One log group a part, one for the collectors."""

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
            for which in (*Part, COLLECTOR)
        }
        self.register_outputs({"names": {which: group.name for which, group in self.log_groups.items()}})

    def arns_for(self, part: Part) -> list[pulumi.Output[str]]:
        """The groups that a task of this part writes to."""
        return [self.log_groups[part].arn, self.log_groups[COLLECTOR].arn]
