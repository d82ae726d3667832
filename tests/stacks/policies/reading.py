"""IAM's part in the tests of policies: does a document allow a request? As little of its language as the kit uses."""

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any


def statements(document: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(document)["Statement"]
    return found


def allowed_actions(documents: Iterable[str]) -> set[str]:
    return {action for document in documents for found in statements(document) for action in listed(found["Action"])}


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def allows(documents: Iterable[str], action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether any statement allows the action on the resource in a request that carries this context."""
    return any(
        found["Effect"] == "Allow"
        and _any_like(action, found["Action"])
        and _any_like(resource, found["Resource"])
        and holds(found.get("Condition", {}), context or {})
        for document in documents
        for found in statements(document)
    )


def trusts(document: str, action: str, principal: Mapping[str, str], context: Mapping[str, str]) -> bool:
    """Whether a trust policy lets this principal in, with the claims or keys of its request."""
    return any(
        found["Effect"] == "Allow"
        and action in listed(found["Action"])
        and all(value in listed(found["Principal"].get(kind, [])) for kind, value in principal.items())
        and holds(found.get("Condition", {}), context)
        for found in statements(document)
    )


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    """Every operator and key must hold; a key that the request does not carry holds nothing."""
    return all(
        key in context and _OPERATORS[operator](context[key], listed(wanted))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _equals(value: str, wanted: list[str]) -> bool:
    return value in wanted


def _like(value: str, wanted: list[str]) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in wanted)


_OPERATORS = {
    "StringEquals": _equals,
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    # A request with one value of a key that may have several.
    "ForAnyValue:StringEquals": _equals,
}


def _any_like(value: str, patterns: str | list[str]) -> bool:
    return _like(value, listed(patterns))
