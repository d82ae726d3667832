"""Who may read a secret, from policy documents. Pure.

Judges inline policies of roles and the secret's own policy, by action and resource. A condition may hold or not: who
is allowed under one counts as a reader, who is denied under one still does. Managed policies and people who administer
the account are beyond this.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from scripts.aws.secrets import RolePolicies

_READ = "secretsmanager:getsecretvalue"

Document = Mapping[str, Any]


def roles(found: Iterable[RolePolicies], arn: str) -> list[str]:
    """Names of the roles that may."""
    return [entry.role for entry in found if may_read(entry.documents, arn)]


def may_read(documents: Iterable[Document], arn: str) -> bool:
    statements = [statement for document in documents for statement in _listed(document["Statement"])]
    covering = [statement for statement in statements if _covers(statement, arn)]
    denied = any(found["Effect"] == "Deny" and "Condition" not in found for found in covering)
    return not denied and any(found["Effect"] == "Allow" for found in covering)


def principals(document: Document | None, arn: str) -> list[str]:
    """Whom the secret's own policy lets in."""
    statements = _listed(document["Statement"]) if document else []
    allowed = [found for found in statements if found["Effect"] == "Allow" and _covers(found, arn)]
    return sorted({name for statement in allowed for name in _principals(statement.get("Principal", "*"))})


def _covers(statement: Document, arn: str) -> bool:
    return _matches(statement, "Action", _READ) and _matches(statement, "Resource", arn.lower())


def _matches(statement: Document, kind: str, value: str) -> bool:
    """`NotAction` and `NotResource` mean everything but; IAM's patterns know `*` and `?`."""
    if kind in statement:
        return any(fnmatchcase(value, pattern.lower()) for pattern in _listed(statement[kind]))
    return not any(fnmatchcase(value, pattern.lower()) for pattern in _listed(statement.get(f"Not{kind}", ())))


def _principals(found: Any) -> list[str]:
    if isinstance(found, str):
        return [found]
    return [str(name) for names in found.values() for name in _listed(names)]


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple) else [found]
