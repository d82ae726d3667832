"""The role of the people on call. What it may do, and why: `stacks/policies/`, `operator.py` and what it gathers."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.release_scope import ReleaseScope
from stacks.naming import Names
from stacks.policies import deployer, operator, trust
from stacks.policies.deployer import Scope
from stacks.policies.statements import SESSION_SECONDS, document
from stacks.schema import Access


@dataclass(frozen=True)
class OperatorArgs:
    names: Names
    access: Access
    scope: ReleaseScope
    certificate_arn: pulumi.Input[str]


class Operator(pulumi.ComponentResource):
    """One role with two policies: the deployer's own, for the day when the pipeline is down, and operating."""

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: OperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Operator", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        scope = args.scope.known()
        role = aws.iam.Role(
            f"{name}-role",
            name=args.names.role("operator"),
            description="Switchyard: people on call, who release by hand and operate",
            assume_role_policy=scope.apply(lambda known: trust.operator(args.access, known.account)),
            max_session_duration=SESSION_SECONDS,
            opts=child,
        )
        policies = {
            "release": scope.apply(lambda known: document(deployer.statements(known))),
            "operate": self._operate(args, scope),
        }
        for policy_name, policy in policies.items():
            aws.iam.RolePolicy(
                f"{name}-{policy_name}-policy", name=policy_name, role=role.name, policy=policy, opts=child
            )
        self.role_arn = role.arn
        self.register_outputs({"roleArn": self.role_arn})

    def _operate(self, args: OperatorArgs, scope: pulumi.Output[Scope]) -> pulumi.Output[str]:
        known = pulumi.Output.all(scope=scope, certificate=args.certificate_arn)
        return known.apply(
            lambda found: document(
                operator.statements(found["scope"], found["certificate"], args.access.execute_command)
            )
        )
