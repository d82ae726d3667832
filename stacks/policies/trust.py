"""Who may take a role: the trust policies of the kit's roles. Pure; what a role may do is said elsewhere.

Sources: GitHub's OpenID Connect reference (audience, subject), IAM's user guide (federated principals) and the ECS
developer guide, "Task IAM role" (the conditions on `aws:SourceAccount` and `aws:SourceArn`).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from stacks.accounts import Account
from stacks.schema import Access

GITHUB = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"


def service(name: str) -> str:
    """One AWS service, for whatever it does in this account: EC2 for hosts, ECS for starting a task."""
    return _document({"Service": name}, "sts:AssumeRole")


def tasks(account: Account) -> str:
    """Code in the tasks of this account and region; ECS names no cluster in its request, so none can be asked for."""
    return _document(
        {"Service": "ecs-tasks.amazonaws.com"},
        "sts:AssumeRole",
        {
            "StringEquals": {"aws:SourceAccount": account.account_id},
            "ArnLike": {"aws:SourceArn": account.arn("ecs", "*")},
        },
    )


def principals(arns: Iterable[str]) -> str:
    """Named roles and users; an account's root stands for those of its principals whose own policies allow it."""
    return _document({"AWS": sorted(arns)}, "sts:AssumeRole")


def pipeline(account: Account, repository: str, environment: str) -> str:
    """Jobs of one GitHub repository that run in one of its environments, whose approval rules then apply.

    Equal and not like: no wildcard can let a branch, a pull request or another repository in.
    """
    return _document(
        {"Federated": account.global_arn("iam", f"oidc-provider/{GITHUB}")},
        "sts:AssumeRoleWithWebIdentity",
        {"StringEquals": {f"{GITHUB}:aud": AUDIENCE, f"{GITHUB}:sub": f"repo:{repository}:environment:{environment}"}},
    )


def deployer(access: Access, environment: str, account: Account) -> str:
    """The pipeline of one repository and environment; this account where the settings name no repository."""
    if access.github_repository is None:
        return principals([account.root])
    return pipeline(account, access.github_repository, access.github_environment or environment)


def operator(access: Access, account: Account) -> str:
    """The named people on call; this account where the settings name nobody."""
    return principals(access.operator_principal_arns or [account.root])


def _document(principal: Mapping[str, Any], action: str, conditions: Mapping[str, Any] | None = None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if conditions:
        statement["Condition"] = conditions
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
