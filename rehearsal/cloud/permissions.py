"""Whether a role's policy documents allow what its tasks called: actions and named resources, not conditions."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from rehearsal.cloud.journal import Need


@dataclass(frozen=True)
class Findings:
    """`denied`: called though no statement allows it. `unused`: actions allowed though nothing called them."""

    denied: tuple[str, ...]
    unused: tuple[str, ...]


# AWS lets anybody ask who they are.
_FREE = frozenset({"sts:GetCallerIdentity"})


def check(needs: Iterable[Need], documents: Iterable[str]) -> Findings:
    """Compare what was called with the policy documents (JSON) of the role that called it."""
    statements = [statement for document in documents for statement in _statements(json.loads(document))]
    seen = set(needs)
    denied = {need for need in seen if need.action not in _FREE and not _allowed(need, statements)}
    unused = {pattern for pattern in _actions(statements, "Allow") if not any(_like(n.action, [pattern]) for n in seen)}
    return Findings(tuple(str(need) for need in sorted(denied)), tuple(sorted(unused)))


def allowed_actions(documents: Iterable[str]) -> set[str]:
    """Every action, or pattern of actions, that a document allows on something."""
    return _actions((entry for document in documents for entry in _statements(json.loads(document))), "Allow")


def _allowed(need: Need, statements: Iterable[dict[str, Any]]) -> bool:
    effects = {statement["Effect"] for statement in statements if _speaks_of(statement, need)}
    return effects == {"Allow"}


def _speaks_of(statement: dict[str, Any], need: Need) -> bool:
    """A request that names no resource is judged by its action alone."""
    return _like(need.action, _listed(statement["Action"])) and (
        not need.resource or _like(need.resource, _listed(statement["Resource"]))
    )


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def _actions(statements: Iterable[dict[str, Any]], effect: str) -> set[str]:
    return {
        action for statement in statements if statement["Effect"] == effect for action in _listed(statement["Action"])
    }


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _like(value: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)
