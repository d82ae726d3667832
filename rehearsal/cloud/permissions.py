"""Whether a role's policy documents allow what its tasks called. Judges actions, not resources or conditions."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Findings:
    """`denied`: called though no statement allows it. `unused`: allowed though nothing called it."""

    denied: tuple[str, ...]
    unused: tuple[str, ...]


# AWS lets anybody ask who they are.
_FREE = frozenset({"sts:GetCallerIdentity"})


def check(called: Iterable[str], documents: Iterable[str]) -> Findings:
    """Compare the actions called with the policy documents (JSON) of the role that called them."""
    statements = [statement for document in documents for statement in _statements(json.loads(document))]
    allowed = _actions(statements, "Allow")
    refused = _actions(statements, "Deny")
    seen = set(called)
    denied = {a for a in seen - _FREE if not _matches(a, allowed) or _matches(a, refused)}
    unused = {pattern for pattern in allowed if not any(fnmatchcase(action, pattern) for action in seen)}
    return Findings(tuple(sorted(denied)), tuple(sorted(unused)))


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def _actions(statements: Iterable[dict[str, Any]], effect: str) -> set[str]:
    found: set[str] = set()
    for statement in statements:
        if statement["Effect"] == effect:
            actions = statement["Action"]
            found.update([actions] if isinstance(actions, str) else actions)
    return found


def _matches(action: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in patterns)
