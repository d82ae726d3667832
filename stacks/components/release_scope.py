"""The ARNs of what a release touches, gathered from the components, for the roles that may touch it."""

from dataclasses import dataclass
from typing import Any

import pulumi

from stacks.accounts import account_of
from stacks.components.cluster import Cluster
from stacks.components.identity import Identity
from stacks.components.images import Images
from stacks.components.ingress import Ingress
from stacks.components.secrets import Secrets
from stacks.components.state import State
from stacks.components.storage import Storage
from stacks.naming import Names, Table
from stacks.policies.deployer import Scope


@dataclass(frozen=True)
class ReleaseScope:
    """The components that a release works on."""

    names: Names
    cluster: Cluster
    ingress: Ingress
    images: Images
    state: State
    secrets: Secrets
    identity: Identity
    storage: Storage

    def known(self) -> pulumi.Output[Scope]:
        """The scope, once AWS has given every ARN."""
        found: pulumi.Output[dict[str, Any]] = pulumi.Output.all(
            cluster=self.cluster.arn,
            traffic_rule=self.ingress.traffic_rule.arn,
            ledger=self.state.tables[Table.LEDGER].arn,
            keys=self.state.tables[Table.KEYS].arn,
            usage=self.state.tables[Table.USAGE].arn,
            repositories=[made.arn for made in self.images.repositories.values()],
            secrets=self.secrets.arns,
            api_keys=self.secrets.api_keys_arn,
            smoke_key=self.secrets.smoke_key_arn,
            roles=self.identity.passed_role_arns,
            models=self.storage.model_bucket_arn,
        )
        return found.apply(self._scope)

    def _scope(self, arns: dict[str, Any]) -> Scope:
        return Scope(
            names=self.names,
            account=account_of(arns["cluster"]),
            traffic_rule_arn=arns["traffic_rule"],
            ledger_arn=arns["ledger"],
            keys_arn=arns["keys"],
            usage_arn=arns["usage"],
            repository_arns=tuple(arns["repositories"]),
            secret_arns=tuple(arns["secrets"]),
            api_keys_arn=arns["api_keys"],
            smoke_key_arn=arns["smoke_key"],
            passed_role_arns=tuple(arns["roles"]),
            model_bucket_arn=arns["models"],
        )
