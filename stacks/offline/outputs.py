"""What a resource type promises to return, read from the SDK's own classes.

A program that uses an output which nothing returned would get None without a word; so every output that its type
declares as always present must come back, be it empty.
"""

import importlib
import inspect
import re
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

import pulumi

_OWN = frozenset({"id", "urn", "pulumiResourceName", "pulumiResourceType"})


@cache
def promised(token: str) -> Mapping[str, Any]:
    """Output name to its Python type, for the outputs of `token` that are never absent."""
    kind = _class(token)
    if kind is None:
        return {}
    found = {}
    for name, member in inspect.getmembers(kind, lambda value: isinstance(value, property)):
        output = _camel(name)
        value = _declared(member)
        if output not in _OWN and value is not None and not _optional(value):
            found[output] = value
    return found


def has_tags(token: str) -> bool:
    """Whether the provider's default tags reach a resource of this type."""
    return "tagsAll" in promised(token)


def missing(token: str, outputs: Mapping[str, Any]) -> list[str]:
    """The promised outputs that are not there."""
    return sorted(name for name in promised(token) if outputs.get(name) is None)


def empty(token: str, *names: str) -> dict[str, Any]:
    """The empty value of each named output: what AWS has nothing to say about for what the program declares."""
    kinds = promised(token)
    return {name: _zero(kinds[name]) for name in names}


def stand_ins(token: str, resource_name: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Marked values for the promised outputs of a resource that is not realised."""
    kinds = promised(token)
    return {
        name: f"accepted-only:{resource_name}:{name}" if kinds[name] is str else _zero(kinds[name])
        for name in missing(token, outputs)
    }


def _class(token: str) -> type[Any] | None:
    """`aws:ec2/vpc:Vpc` is `pulumi_aws.ec2.Vpc`."""
    package, module, name = token.split(":")
    try:
        found = importlib.import_module(f"pulumi_{package}.{module.split('/')[0]}")
    except ImportError:
        return None
    kind = getattr(found, name, None)
    return kind if isinstance(kind, type) else None


def _declared(member: property) -> Any:
    """The `T` of a property that returns `Output[T]`."""
    returned = typing.get_type_hints(member.fget).get("return")
    if typing.get_origin(returned) is not pulumi.Output:
        return None
    return typing.get_args(returned)[0]


def _optional(value: Any) -> bool:
    return type(None) in typing.get_args(value)


def _zero(value: Any) -> Any:
    origin = typing.get_origin(value) or value
    if origin in (str, int, float, bool):
        return origin()
    return [] if "Sequence" in str(origin) else {}


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), name)
