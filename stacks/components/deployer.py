"""The role that releases are made with. What it may do, and why, is in `stacks/deployer.py`."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.accounts import account_of
from stacks.components.cluster import Cluster
from stacks.components.identity import Identity
from stacks.components.images import Images
from stacks.components.ingress import Ingress
from stacks.components.secrets import Secrets
from stacks.components.state import State, Table
from stacks.deployer import Scope, statements
from stacks.naming import Names
from stacks.statements import document, trust_account

# Long enough for a canary with three steps.
_SESSION_SECONDS = 4 * 3600


@dataclass(frozen=True)
class DeployerArgs:
    names: Names
    cluster: Cluster
    ingress: Ingress
    images: Images
    state: State
    secrets: Secrets
    identity: Identity


class Deployer(pulumi.ComponentResource):
    """One role with one policy."""

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: DeployerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Deployer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            name=args.names.role("deployer"),
            description="Switchyard: makes releases and takes them back",
            assume_role_policy=args.cluster.arn.apply(lambda arn: trust_account(account_of(arn).root)),
            max_session_duration=_SESSION_SECONDS,
            opts=child,
        )
        aws.iam.RolePolicy(f"{name}-policy", name="deployer", role=role.name, policy=_policy(args), opts=child)
        self.role_arn = role.arn
        self.register_outputs({"roleArn": self.role_arn})


def _policy(args: DeployerArgs) -> pulumi.Output[str]:
    found: pulumi.Output[dict[str, Any]] = pulumi.Output.all(
        cluster=args.cluster.arn,
        traffic_rule=args.ingress.traffic_rule.arn,
        ledger=args.state.tables[Table.LEDGER].arn,
        repositories=[made.arn for made in args.images.repositories.values()],
        secrets=args.secrets.arns,
        smoke_key=args.secrets.smoke_key_arn,
        roles=args.identity.passed_role_arns,
    )
    return found.apply(lambda arns: document(statements(_scope(args.names, arns))))


def _scope(names: Names, arns: dict[str, Any]) -> Scope:
    return Scope(
        names=names,
        account=account_of(arns["cluster"]),
        traffic_rule_arn=arns["traffic_rule"],
        ledger_arn=arns["ledger"],
        repository_arns=tuple(arns["repositories"]),
        secret_arns=tuple(arns["secrets"]),
        smoke_key_arn=arns["smoke_key"],
        passed_role_arns=tuple(arns["roles"]),
    )
