"""Who the tasks and hosts are: per part a task role and an execution role, and the hosts' instance profile.

What code in a task may do is in `stacks/policies/tasks.py`, what ECS and the hosts may do to run it in
`stacks/policies/hosts.py`; the deployer is in `deployer.py`.
"""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.accounts import account_of
from stacks.components.cluster import Cluster
from stacks.components.images import Images
from stacks.components.monitoring import Monitoring
from stacks.components.secrets import Secrets
from stacks.components.state import State
from stacks.components.storage import Storage
from stacks.components.telemetry import Telemetry
from stacks.containers import EXPORTER
from stacks.naming import Names, Part
from stacks.policies import trust
from stacks.policies.hosts import execution, gpu_host, read_models, write_logs
from stacks.policies.statements import document
from stacks.policies.tasks import TableArns, gateway, task


@dataclass(frozen=True)
class IdentityArgs:
    names: Names
    cluster: Cluster
    images: Images
    monitoring: Monitoring
    secrets: Secrets
    telemetry: Telemetry
    storage: Storage
    state: State


class Identity(pulumi.ComponentResource):
    """Roles of everything that runs."""

    task_role_arns: dict[Part, pulumi.Output[str]]
    execution_role_arns: dict[Part, pulumi.Output[str]]
    instance_profile_arn: pulumi.Output[str]
    exporter_task_role_arn: pulumi.Output[str]
    exporter_execution_role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Identity", name, {}, opts)
        self._stem, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.task_role_arns = {part: self._task_role(part) for part in Part}
        self.execution_role_arns = {part: self._execution_role(part) for part in Part}
        self.instance_profile_arn = self._instance_profile()
        self._exporter_roles()
        self.register_outputs({"instanceProfileArn": self.instance_profile_arn})

    @property
    def passed_role_arns(self) -> list[pulumi.Output[str]]:
        """The roles that a task definition may name."""
        return [*self.task_role_arns.values(), *self.execution_role_arns.values()]

    def _task_role(self, part: Part) -> pulumi.Output[str]:
        found = pulumi.Output.all(
            workspace=self._args.telemetry.workspace_arn,
            queue=self._args.telemetry.lines_arn if part is Part.VLLM else None,
            shell=self._args.cluster.shell_log_arn,
            tables={table.value: made.arn for table, made in self._args.state.tables.items()},
        )
        return self._trusted_by_tasks(f"{part}-task", found.apply(lambda arns: _task_document(part, arns)))

    def _exporter_roles(self) -> None:
        """Of the GPU exporter on each host. Its images are others': it pulls none of the environment's own."""
        metrics = self._args.telemetry.workspace_arn.apply(lambda arn: document(task(arn, None, None)))
        self.exporter_task_role_arn = self._trusted_by_tasks("exporter-task", metrics)
        role = self._role("exporter-execution", trust.service("ecs-tasks.amazonaws.com"))
        logs = pulumi.Output.all(*self._args.monitoring.arns_for(EXPORTER))
        self._allow("exporter-execution", role, logs.apply(lambda arns: document([write_logs(tuple(arns))])))
        self.exporter_execution_role_arn = role.arn

    def _trusted_by_tasks(self, which: str, policy: pulumi.Input[str]) -> pulumi.Output[str]:
        role = self._role(which, self._args.cluster.arn.apply(account_of).apply(trust.tasks))
        self._allow(which, role, policy)
        arn: pulumi.Output[str] = role.arn
        return arn

    def _role(self, which: str, trusted: pulumi.Input[str]) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self._stem}-{which}",
            name=self._args.names.role(which),
            assume_role_policy=trusted,
            opts=self._child,
        )

    def _execution_role(self, part: Part) -> pulumi.Output[str]:
        role = self._role(f"{part}-execution", trust.service("ecs-tasks.amazonaws.com"))
        policy = pulumi.Output.all(
            repository=self._args.images.repositories[part].arn,
            logs=self._args.monitoring.arns_for(part),
            secrets=self._args.secrets.arns if part is Part.API else [],
        ).apply(lambda arns: document(execution(arns["repository"], tuple(arns["logs"]), tuple(arns["secrets"]))))
        self._allow(f"{part}-execution", role, policy)
        arn: pulumi.Output[str] = role.arn
        return arn

    def _instance_profile(self) -> pulumi.Output[str]:
        role = self._role("host", trust.service("ec2.amazonaws.com"))
        arns = pulumi.Output.all(cluster=self._args.cluster.arn, models=self._args.storage.model_bucket_arn)
        policy = arns.apply(lambda found: self._host_document(found["cluster"], found["models"]))
        self._allow("host", role, policy)
        profile = aws.iam.InstanceProfile(
            f"{self._stem}-host-profile", name=self._args.names.role("host"), role=role.name, opts=self._child
        )
        arn: pulumi.Output[str] = profile.arn
        return arn

    def _allow(self, which: str, role: aws.iam.Role, policy: pulumi.Input[str]) -> None:
        aws.iam.RolePolicy(f"{self._stem}-{which}-policy", name=which, role=role.name, policy=policy, opts=self._child)

    def _host_document(self, cluster_arn: str, model_bucket_arn: str) -> str:
        hosts = account_of(cluster_arn).arn("ecs", f"container-instance/{self._args.names.cluster}/*")
        return document([*gpu_host(cluster_arn, hosts), *read_models(model_bucket_arn)])


def _task_document(part: Part, arns: dict[str, Any]) -> str:
    own = gateway(TableArns(**arns["tables"])) if part is Part.API else []
    return document([*own, *task(arns["workspace"], arns["queue"], arns["shell"])])
