"""IAM statements that carry their reason, and the documents made of them. Pure; whose they are is said elsewhere."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# How long one may act as the deployer or the operator: enough for a canary with three steps. A role taken from within
# another role's session ends after an hour whatever is set (IAM user guide, "Role chaining").
SESSION_SECONDS = 4 * 3600
# What a role's inline policies may have together, white space not counted (IAM quotas).
INLINE_POLICIES_LIMIT = 10_240


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
    rendered = [_rendered(statement) for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": rendered}, separators=(",", ":"))


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
