"""Secrets as AWS keeps them: when their versions were made, their values, and which policies open them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.aws.rules import rule
from scripts.errors import AwsFailed

_CURRENT, _PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
_ABSENT = "ResourceNotFoundException"


@dataclass(frozen=True)
class Versions:
    """`since` is when the present value was put there, None while there is none; `replaced` whether one was before."""

    since: datetime | None
    replaced: bool


@dataclass(frozen=True)
class RolePolicies:
    """One role with the documents of its inline policies."""

    role: str
    documents: tuple[dict[str, Any], ...]


class AwsVault:
    """The secrets of one account."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def versions(self, arn: str) -> Versions:
        """Not DescribeSecret: its LastChangedDate moves also when a tag changes."""
        with translated("secretsmanager", "ListSecretVersionIds"):
            found = self._clients.read("secretsmanager").list_secret_version_ids(SecretId=arn)["Versions"]
        staged = {stage: version["CreatedDate"] for version in found for stage in version.get("VersionStages", ())}
        return Versions(staged.get(_CURRENT), _PREVIOUS in staged)

    def value(self, arn: str) -> str | None:
        """The present value, None where there is none."""
        try:
            with translated("secretsmanager", "GetSecretValue"):
                found = self._clients.read("secretsmanager").get_secret_value(SecretId=arn)
        except AwsFailed as error:
            if error.code == _ABSENT:
                return None
            raise
        return str(found["SecretString"])

    def resource_policy(self, arn: str) -> dict[str, Any] | None:
        with translated("secretsmanager", "GetResourcePolicy"):
            found = self._clients.read("secretsmanager").get_resource_policy(SecretId=arn)
        text = found.get("ResourcePolicy")
        return json.loads(text) if text else None

    def role_policies(self, prefix: str) -> tuple[RolePolicies, ...]:
        """The roles whose name begins so. IAM lists by path and not by name, hence all are listed."""
        iam = self._clients.read("iam")
        with translated("iam", "ListRoles"):
            pages = iam.get_paginator("list_roles").paginate()
            names = [role["RoleName"] for page in pages for role in page["Roles"]]
        return tuple(RolePolicies(name, self._documents(name)) for name in sorted(names) if name.startswith(prefix))

    def preview_tokens(self, rule_arn: str) -> int:
        """How many values of the routing header a preview rule takes: two while the token is being replaced."""
        found = rule(self._clients, rule_arn)
        configs = [entry["HttpHeaderConfig"] for entry in found.conditions if entry.get("Field") == "http-header"]
        return max((len(config["Values"]) for config in configs), default=0)

    def _documents(self, role: str) -> tuple[dict[str, Any], ...]:
        iam = self._clients.read("iam")
        with translated("iam", "ListRolePolicies"):
            pages = iam.get_paginator("list_role_policies").paginate(RoleName=role)
            names = [name for page in pages for name in page["PolicyNames"]]
        return tuple(self._document(role, name) for name in names)

    def _document(self, role: str, name: str) -> dict[str, Any]:
        with translated("iam", "GetRolePolicy"):
            found = self._clients.read("iam").get_role_policy(RoleName=role, PolicyName=name)
        document: dict[str, Any] = found["PolicyDocument"]
        return document
