"""A small evaluator of bucket policies: whether one request by a service would be let in. Denials win."""

import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Request:
    """What S3 would judge. `context` holds the condition keys that the request carries."""

    service: str
    action: str
    resource: str
    context: dict[str, str] = field(default_factory=dict)


def allowed(policy: str, request: Request) -> bool:
    effects = {statement["Effect"] for statement in json.loads(policy)["Statement"] if _applies(statement, request)}
    return effects == {"Allow"}


def _applies(statement: dict[str, Any], request: Request) -> bool:
    return (
        statement["Principal"] in ({"AWS": "*"}, {"Service": request.service})
        and _any(statement["Action"], request.action)
        and _any(statement["Resource"], request.resource)
        and all(_holds(test, keys, request.context) for test, keys in statement.get("Condition", {}).items())
    )


def _any(patterns: str | list[str], value: str) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in ([patterns] if isinstance(patterns, str) else patterns))


def _holds(test: str, keys: dict[str, str], context: dict[str, str]) -> bool:
    """A key that the request does not carry never matches, as in IAM."""
    if test not in ("StringEquals", "ArnLike", "Bool"):
        raise ValueError(f"condition {test}: teach this evaluator what it means")
    return all(key in context and fnmatchcase(context[key], wanted) for key, wanted in keys.items())
