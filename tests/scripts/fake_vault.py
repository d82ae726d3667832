"""The secrets of the imitated account: values are those that its tasks read, policies are what a test says."""

from dataclasses import dataclass, field
from typing import Any

from scripts.aws.secrets import RolePolicies, Versions
from tests.scripts.fake_cloud import FakeCloud


@dataclass
class FakeVault:
    """`policies` are inline documents by role, `own` the secrets' own policies by ARN."""

    cloud: FakeCloud
    policies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: int = 1

    def versions(self, arn: str) -> Versions:
        writes = [call for call in self.cloud.calls if call.parameters.get("SecretId") == arn]
        return Versions(self.cloud.secrets_since.get(arn), len(writes) > 1)

    def value(self, arn: str) -> str | None:
        return self.cloud.ecs.secrets.get(arn)

    def resource_policy(self, arn: str) -> dict[str, Any] | None:
        return self.own.get(arn)

    def role_policies(self, prefix: str) -> tuple[RolePolicies, ...]:
        found = sorted(self.policies.items())
        return tuple(RolePolicies(role, tuple(documents)) for role, documents in found if role.startswith(prefix))

    def preview_tokens(self, rule_arn: str) -> int:
        return self.tokens
