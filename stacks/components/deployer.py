"""The role that the pipeline makes releases with. What it may do, and why, is in `stacks/policies/deployer.py`."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.release_scope import ReleaseScope
from stacks.naming import Names
from stacks.policies import trust
from stacks.policies.deployer import Scope, statements
from stacks.policies.statements import SESSION_SECONDS, document
from stacks.schema import Access


@dataclass(frozen=True)
class DeployerArgs:
    names: Names
    access: Access
    scope: ReleaseScope


class Deployer(pulumi.ComponentResource):
    """One role with one policy."""

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: DeployerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Deployer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        scope = args.scope.known()
        role = aws.iam.Role(
            f"{name}-role",
            name=args.names.role("deployer"),
            description="Switchyard: makes releases and takes them back",
            assume_role_policy=scope.apply(
                lambda known: trust.deployer(args.access, args.names.environment, known.account)
            ),
            max_session_duration=SESSION_SECONDS,
            opts=child,
        )
        policy = scope.apply(_document)
        aws.iam.RolePolicy(f"{name}-policy", name="release", role=role.name, policy=policy, opts=child)
        self.role_arn = role.arn
        self.register_outputs({"roleArn": self.role_arn})


def _document(scope: Scope) -> str:
    return document(statements(scope))
