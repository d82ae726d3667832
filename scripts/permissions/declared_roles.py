"""The roles of a declared program with their policies, in words: who may take one, what it may do, on what, and why.

A policy document carries no reason; reasons come from the statements that it was made of.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacks.accounts import Account
from stacks.naming import Names
from stacks.offline.declaration import Declaration, Program
from stacks.policies import deployer, hosts, operator, tasks
from stacks.policies.deployer import Scope
from stacks.policies.statements import Statement

_NOWHERE = Account("aws", "", "")
_NO_ARN = "arn:of:nothing"
_NOTHING = Scope(Names("any"), _NOWHERE, "", "", "", "", (), (), "", "", (), "")
_NO_TABLES = tasks.TableArns("", "", "", "")


@dataclass(frozen=True)
class Permission:
    """One statement. `conditions` are sentences without full stop."""

    sid: str
    reason: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class DeclaredRole:
    """`short` is the name without environment; `session_hours` is IAM's default of one where the role says nothing."""

    short: str
    trusts: str
    session_hours: int
    permissions: tuple[Permission, ...]


def roles(program: Program) -> tuple[DeclaredRole, ...]:
    """In the order of their names. Raises KeyError for a statement whose reason is not known here."""
    labels = _labels(program)
    found = sorted(program.of("Role"), key=lambda role: str(role.inputs["name"]))
    return tuple(_role(program, role, labels) for role in found)


def known_statements() -> tuple[Statement, ...]:
    """Every statement that a role of the kit can have, whatever the settings, on resources that do not exist."""
    return (
        *deployer.statements(_NOTHING),
        *operator.statements(_NOTHING, _NO_ARN, shells=True),
        *hosts.execution(_NO_ARN, (), (_NO_ARN,)),
        *hosts.gpu_host(_NO_ARN, _NO_ARN),
        *hosts.read_models(_NO_ARN),
        *tasks.gateway(_NO_TABLES),
        *tasks.task(_NO_ARN, _NO_ARN, _NO_ARN),
    )


def _role(program: Program, role: Declaration, labels: Mapping[str, str]) -> DeclaredRole:
    name = str(role.inputs["name"])
    policies = [found for found in program.of("RolePolicy") if found.inputs["role"] == name]
    reasons = {statement.sid: statement.reason for statement in known_statements()}
    return DeclaredRole(
        short=name.removeprefix(Names(program.environment).role("")),
        trusts=_trusts(json.loads(role.inputs["assumeRolePolicy"])["Statement"]),
        session_hours=int(role.inputs.get("maxSessionDuration") or 3600) // 3600,
        permissions=tuple(
            _permission(statement, reasons, labels)
            for policy in sorted(policies, key=lambda found: str(found.inputs["name"]), reverse=True)
            for statement in json.loads(policy.inputs["policy"])["Statement"]
        ),
    )


def _permission(statement: Mapping[str, Any], reasons: Mapping[str, str], labels: Mapping[str, str]) -> Permission:
    return Permission(
        sid=statement["Sid"],
        reason=reasons[statement["Sid"]],
        actions=tuple(statement["Action"]),
        resources=tuple(_resource(arn, labels) for arn in statement["Resource"]),
        conditions=_conditions(statement.get("Condition", {})),
    )


def _trusts(statements: list[dict[str, Any]]) -> str:
    (statement,) = statements
    ((kind, who),) = statement["Principal"].items()
    names = ", ".join([who] if isinstance(who, str) else who)
    conditions = _conditions(statement.get("Condition", {}))
    return " and ".join([f"{kind} `{names}`", *conditions])


def _conditions(found: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(
        f"`{key}` {_OPERATORS[operator]} `{value if isinstance(value, str) else ', '.join(value)}`"
        for operator, keys in found.items()
        for key, value in keys.items()
    )


_OPERATORS = {
    "StringEquals": "is",
    "StringLike": "is like",
    "ArnEquals": "is",
    "ArnLike": "is like",
    "ForAnyValue:StringEquals": "is",
}


def _labels(program: Program) -> dict[str, str]:
    """A stand-in ARN ends with the program's own name of the resource: say its AWS name, and what it is."""
    return {found.name: f"{_words(found.kind)} {_aws_name(found)}" for found in program.aws}


def _aws_name(found: Declaration) -> str:
    return str(found.inputs.get("name") or found.inputs.get("bucket") or found.inputs.get("alias") or found.name)


def _words(kind: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind).lower()


def _resource(arn: str, labels: Mapping[str, str]) -> str:
    if arn == "*":
        return "*"
    rest = arn.split(":", 5)[5]
    name, _, inside = rest.partition(":") if rest.partition(":")[0] in labels else rest.partition("/")
    if name in labels:
        return f"`{inside}` in {labels[name]}" if inside else labels[name]
    return f"{arn.split(':')[2]}:{rest}"
