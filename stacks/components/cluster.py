"""The ECS cluster that all services share, and where a shell in one of its tasks is logged, if the settings open it."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.naming import Names


@dataclass(frozen=True)
class ClusterArgs:
    """`execute_command`: whether `aws ecs execute-command` may open a shell in a task."""

    names: Names
    execute_command: bool
    log_retention_days: int


class Cluster(pulumi.ComponentResource):
    """One cluster, with Container Insights. `shell_log_arn` is None where no shell can be opened."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    shell_log_arn: pulumi.Output[str] | None

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Cluster", name, {}, opts)
        shell_log = self._shell_log(name, args) if args.execute_command else None
        made = aws.ecs.Cluster(
            f"{name}-ecs",
            name=args.names.cluster,
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enabled")],
            configuration=None if shell_log is None else _sessions_to(shell_log.name),
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        self.name, self.arn = made.name, made.arn
        self.shell_log_arn = None if shell_log is None else shell_log.arn
        self.register_outputs({"arn": self.arn})

    def _shell_log(self, stem: str, args: ClusterArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{stem}-shell-log",
            name=args.names.log_group("shell"),
            retention_in_days=args.log_retention_days,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _sessions_to(log_group_name: pulumi.Input[str]) -> aws.ecs.ClusterConfigurationArgs:
    """What is typed in a shell is kept, apart from what containers say."""
    log = aws.ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgs(
        cloud_watch_log_group_name=log_group_name
    )
    sessions = aws.ecs.ClusterConfigurationExecuteCommandConfigurationArgs(logging="OVERRIDE", log_configuration=log)
    return aws.ecs.ClusterConfigurationArgs(execute_command_configuration=sessions)
