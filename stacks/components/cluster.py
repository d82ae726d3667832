"""The ECS cluster that all four services share."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.naming import Names


@dataclass(frozen=True)
class ClusterArgs:
    names: Names


class Cluster(pulumi.ComponentResource):
    """One cluster, with Container Insights."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Cluster", name, {}, opts)
        made = aws.ecs.Cluster(
            f"{name}-ecs",
            name=args.names.cluster,
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enabled")],
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        self.name, self.arn = made.name, made.arn
        self.register_outputs({"arn": self.arn})
