"""IAM statements that carry their reason, and the documents made of them. Pure; whose they are is said elsewhere."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One permission. `reason` completes the sentence "allowed because"; it stays in the repository."""

    sid: str
    reason: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def document(statements: Iterable[Statement]) -> str:
    """The policy document that IAM takes."""
    return json.dumps({"Version": "2012-10-17", "Statement": [_rendered(statement) for statement in statements]})


def trust(service: str) -> str:
    """Who may take a role: one AWS service."""
    return _trust({"Service": service})


def trust_account(account_arn: str) -> str:
    """Who may take a role: principals of this account whose own policies say so."""
    return _trust({"AWS": account_arn})


def _trust(principal: Mapping[str, str]) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _rendered(statement: Statement) -> dict[str, Any]:
    rendered: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": list(statement.actions),
        "Resource": list(statement.resources),
    }
    if statement.conditions:
        rendered["Condition"] = statement.conditions
    return rendered
