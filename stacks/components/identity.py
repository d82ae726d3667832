"""Who the tasks and hosts are: per part a task role and an execution role, and the hosts' instance profile.

The task roles carry no permission yet: the gateway and vLLM call no AWS service. What the execution roles and
hosts may do is in `stacks/host_statements.py`; the deployer is in `deployer.py`.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks import trust
from stacks.accounts import account_of
from stacks.components.cluster import Cluster
from stacks.components.images import Images
from stacks.components.monitoring import Monitoring
from stacks.components.secrets import Secrets
from stacks.host_statements import execution, gpu_host
from stacks.naming import Names, Part
from stacks.statements import document


@dataclass(frozen=True)
class IdentityArgs:
    names: Names
    cluster: Cluster
    images: Images
    monitoring: Monitoring
    secrets: Secrets


class Identity(pulumi.ComponentResource):
    """Roles of everything that runs."""

    task_role_arns: dict[Part, pulumi.Output[str]]
    execution_role_arns: dict[Part, pulumi.Output[str]]
    instance_profile_arn: pulumi.Output[str]

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Identity", name, {}, opts)
        self._stem, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.task_role_arns = {part: self._task_role(part) for part in Part}
        self.execution_role_arns = {part: self._execution_role(part) for part in Part}
        self.instance_profile_arn = self._instance_profile()
        self.register_outputs({"instanceProfileArn": self.instance_profile_arn})

    @property
    def passed_role_arns(self) -> list[pulumi.Output[str]]:
        """The roles that a task definition may name."""
        return [*self.task_role_arns.values(), *self.execution_role_arns.values()]

    def _task_role(self, part: Part) -> pulumi.Output[str]:
        account = self._args.cluster.arn.apply(account_of)
        arn: pulumi.Output[str] = self._role(f"{part}-task", account.apply(trust.tasks)).arn
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
        policy = self._args.cluster.arn.apply(_host_document)
        self._allow("host", role, policy)
        profile = aws.iam.InstanceProfile(
            f"{self._stem}-host-profile", name=self._args.names.role("host"), role=role.name, opts=self._child
        )
        arn: pulumi.Output[str] = profile.arn
        return arn

    def _allow(self, which: str, role: aws.iam.Role, policy: pulumi.Input[str]) -> None:
        aws.iam.RolePolicy(f"{self._stem}-{which}-policy", name=which, role=role.name, policy=policy, opts=self._child)


def _host_document(cluster_arn: str) -> str:
    cluster = cluster_arn.rpartition("/")[2]
    hosts = account_of(cluster_arn).arn("ecs", f"container-instance/{cluster}/*")
    return document(gpu_host(cluster_arn, hosts))
