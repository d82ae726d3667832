"""Whether Auto Scaling may start hosts with the account's default disk key. Pure.

The hosts' launch template encrypts its disk and names no key, so EC2 takes the account's default one. Where that is a
customer-managed key which Auto Scaling's service-linked role may not use, every host ends right after its launch.
Source: Amazon EC2 Auto Scaling User Guide, "Required AWS KMS key policy for use with encrypted volumes".
"""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from scripts.aws.account_model import Grant, Key
from scripts.bootstrap.finding import Finding, Status
from stacks.accounts import Account

MATTER = "disk key"
# The grant of that page; the names are KMS's own (kms GrantOperation).
_OPERATIONS = (
    *("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
    *("DescribeKey", "CreateGrant"),
)
AWS_MANAGED = Finding(MATTER, Status.OK, "AWS's own key for disks, which Auto Scaling may use")


def autoscaling_role(account: Account) -> str:
    role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    return f"arn:{account.partition}:iam::{account.account_id}:{role}"


def judged(key: Key, policy: Mapping[str, Any], grants: Iterable[Grant], account: Account) -> Finding:
    """For a customer-managed key: its policy, or one grant, must let the role in."""
    role = autoscaling_role(account)
    if not key.enabled:
        return Finding(MATTER, Status.WRONG, f"{key.arn} is the default for disks and is not enabled")
    lacking = _missing(policy, role)
    if not lacking or _granted(grants, role):
        return Finding(MATTER, Status.OK, f"{key.arn}, which Auto Scaling's service-linked role may use")
    how_much = "" if len(lacking) == len(_OPERATIONS) else f" fully (it lacks {', '.join(lacking)})"
    return Finding(
        MATTER,
        Status.WRONG,
        f"{key.arn} is the default for disks, and nothing lets Auto Scaling's service-linked role use it{how_much}: "
        "hosts would end right after their launch",
        f"aws kms create-grant --region {account.region} --key-id {key.arn} --grantee-principal {role} "
        f"--operations {' '.join(_OPERATIONS)}",
    )


def _granted(grants: Iterable[Grant], role: str) -> bool:
    return any(grant.grantee == role and grant.operations >= set(_OPERATIONS) for grant in grants)


def _missing(policy: Mapping[str, Any], role: str) -> list[str]:
    patterns = list(_allowed(policy, role))
    return [name for name in _OPERATIONS if not any(fnmatchcase(f"kms:{name}", pattern) for pattern in patterns)]


def _allowed(policy: Mapping[str, Any], role: str) -> Iterator[str]:
    """Action patterns of statements that name the role. The account's root does not count: it only lets IAM policies
    decide, and a service-linked role's cannot be changed."""
    for statement in _listed(policy.get("Statement", ())):
        principal = statement.get("Principal", {})
        named = _listed(principal if isinstance(principal, str) else principal.get("AWS", ()))
        if statement.get("Effect") == "Allow" and {role, "*"} & set(named):
            yield from _listed(statement.get("Action", ()))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
