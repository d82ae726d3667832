"""The page's reading of a program: reasons are found, made-up ARNs become names, conditions become words."""

import json
from typing import Any

import pytest

from scripts.permissions.declared_roles import known_statements, roles
from stacks.offline.declaration import Program

TRUST = {"Effect": "Allow", "Principal": {"AWS": "arn:x:root"}, "Action": "sts:AssumeRole"}


def program(**statement: Any) -> Program:
    role = {"name": "switchyard-production-operator", "assumeRolePolicy": json.dumps({"Statement": [TRUST]})}
    given = {"Sid": "Ledger", "Action": ["dynamodb:GetItem"], "Resource": ["*"], **statement}
    policy = {"role": role["name"], "name": "operate", "policy": json.dumps({"Statement": [given]})}
    everything = (
        ("aws:dynamodb/table:Table", "state-ledger", {"name": "switchyard-production-ledger"}),
        ("aws:iam/role:Role", "operator-role", role),
        ("aws:iam/rolePolicy:RolePolicy", "operator-policy", policy),
    )
    resources = [{"type": kind, "name": name, "inputs": inputs} for kind, name, inputs in everything]
    return Program({"environment": "production", "resources": resources, "outputs": {}})


def test_a_statement_is_shown_with_its_reason() -> None:
    (role,) = roles(program())
    assert (role.short, role.session_hours, role.trusts) == ("operator", 1, "AWS `arn:x:root`")
    assert "manifest" in role.permissions[0].reason


def test_a_statement_without_a_known_reason_cannot_be_shown() -> None:
    with pytest.raises(KeyError):
        roles(program(Sid="Unheard"))


def test_a_made_up_arn_becomes_the_resources_name() -> None:
    arns = ["arn:aws:dynamodb:us-east-1:111122223333:state-ledger", "arn:aws:ecs:us-east-1:111122223333:task/c/*"]
    (role,) = roles(program(Resource=[*arns, arns[0] + "/*"]))
    table = "table switchyard-production-ledger"
    assert role.permissions[0].resources == (table, "ecs:task/c/*", f"`*` in {table}")


def test_a_condition_becomes_words() -> None:
    (role,) = roles(program(Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}))
    assert role.permissions[0].conditions == ("`iam:PassedToService` is `ecs-tasks.amazonaws.com`",)


def test_one_statement_id_has_one_reason_in_all_policies() -> None:
    reasons: dict[str, set[str]] = {}
    for statement in known_statements():
        reasons.setdefault(statement.sid, set()).add(statement.reason)
    assert {sid: found for sid, found in reasons.items() if len(found) > 1} == {}
