"""Who may read a secret, as its policies say."""

from typing import Any

import pytest

from scripts.aws.secrets import RolePolicies
from scripts.secrets import readers

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:switchyard/staging/api-keys-AbCdEf"
OTHER = ARN.replace("api-keys", "smoke-key")


def document(action: Any, resource: Any = ARN, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": effect, "Action": action, "Resource": resource, **more}]}


@pytest.mark.parametrize(
    "opens",
    [
        document("secretsmanager:GetSecretValue"),
        document(["logs:PutLogEvents", "secretsmanager:getsecretvalue"], [OTHER, ARN]),
        document("secretsmanager:Get*", "*"),
        document("*", "arn:aws:secretsmanager:*:*:secret:switchyard/staging/*"),
        document("secretsmanager:GetSecretValue", ARN[:-6] + "??????"),
        document("secretsmanager:GetSecretValue", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        {"Statement": {"Effect": "Allow", "NotAction": "iam:*", "NotResource": OTHER}},
    ],
)
def test_an_allowing_statement_makes_a_reader(opens: dict[str, Any]) -> None:
    assert readers.may_read([opens], ARN)


@pytest.mark.parametrize(
    "closed",
    [
        document("secretsmanager:PutSecretValue"),
        document("secretsmanager:DescribeSecret", "*"),
        document("secretsmanager:GetSecretValue", OTHER),
        {"Statement": {"Effect": "Allow", "NotAction": "secretsmanager:*", "Resource": "*"}},
    ],
)
def test_any_other_permission_makes_none(closed: dict[str, Any]) -> None:
    assert not readers.may_read([closed], ARN)


def test_a_denial_wins_unless_it_holds_only_sometimes() -> None:
    opens = document("secretsmanager:GetSecretValue")
    assert not readers.may_read([opens, document("secretsmanager:*", "*", "Deny")], ARN)
    sometimes = document("secretsmanager:*", "*", "Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    assert readers.may_read([opens, sometimes], ARN)


def test_roles_are_named() -> None:
    found = [
        RolePolicies("switchyard-staging-api-execution", (document("secretsmanager:GetSecretValue"),)),
        RolePolicies("switchyard-staging-host", (document("ecs:Poll"),)),
        RolePolicies("switchyard-staging-api-task", ()),
    ]
    assert readers.roles(found, ARN) == ["switchyard-staging-api-execution"]


def test_the_secret_s_own_policy_names_whom_it_lets_in() -> None:
    backup = "arn:aws:iam::210987654321:role/backup"
    own = document("secretsmanager:GetSecretValue", "*", Principal={"AWS": [backup]})
    assert readers.principals(own, ARN) == [backup]
    assert readers.principals(document("secretsmanager:GetSecretValue", "*", Principal="*"), ARN) == ["*"]
    assert readers.principals(None, ARN) == []
