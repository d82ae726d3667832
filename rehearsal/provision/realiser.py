"""Stands where the engine's providers stand: each resource that the program declares is realised, its outputs returned.

Called from many threads at once. A type that nothing realises is accepted and listed, so that a report can say so.
"""

import json
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, rpc

from rehearsal.provision.clients import Clients
from rehearsal.provision.errors import MissingOutput, OutsideRead, ProvisionError
from rehearsal.provision.registry import Declared, Realised, Registry
from stacks.offline.outputs import has_tags, missing, promised, stand_ins

_PROVIDER = "pulumi:providers:aws"


class Realiser(Mocks):
    """One run. `realised` counts by type; `accepted_only` are the types that nothing realises."""

    def __init__(self, registry: Registry, aws: Clients, dns_names: Mapping[str, str]) -> None:
        self._registry, self._aws, self._dns_names = registry, aws, dns_names
        self._lock = threading.Lock()
        self._default_tags: dict[str, str] = {}
        self.realised: Counter[str] = Counter()
        self.accepted_only: set[str] = set()

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise OutsideRead(
            f"the program calls {args.token}: give it the answer as a setting, because a rehearsal, a preview and "
            "an account must not differ in what they read"
        )

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = {key: _plain(value) for key, value in args.inputs.items()}
        if args.typ == _PROVIDER:
            self._default_tags = _tags_of_provider(inputs)
            return args.name, inputs
        if not args.custom:
            return None, inputs
        realisation = self._registry.find(args.typ)
        if realisation is None:
            return self._accept(args, inputs)
        declared = self._declared(args, inputs)
        return self._checked(declared, realisation(declared))

    def _declared(self, args: MockResourceArgs, inputs: dict[str, Any]) -> Declared:
        tags = {**self._default_tags, **_own_tags(inputs)} if has_tags(args.typ) else _own_tags(inputs)
        return Declared(args.typ, args.name, inputs, tags, self._aws, self._dns_names)

    def _checked(self, declared: Declared, made: Realised) -> tuple[str, dict[str, Any]]:
        known = {"region": self._aws.region, "tagsAll": dict(declared.tags)}
        outputs = {**known, **declared.inputs, **made.outputs}
        if not promised(declared.token):
            raise MissingOutput(f"{declared.token}: the SDK has no such type, so nothing can say what it must return")
        absent = missing(declared.token, outputs)
        if absent or not made.id:
            raise MissingOutput(
                f"{declared.token} {declared.name!r}: its realisation did not return {', '.join(absent) or 'an id'}; "
                "return it from the function in rehearsal/provision/realisations/ that makes this type"
            )
        with self._lock:
            self.realised[declared.token] += 1
        return made.id, outputs

    def _accept(self, args: MockResourceArgs, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        with self._lock:
            self.accepted_only.add(args.typ)
        known = {"region": self._aws.region, "tagsAll": _own_tags(inputs), **inputs}
        return f"accepted-only:{args.name}", {**known, **stand_ins(args.typ, args.name, known)}


def _plain(value: Any) -> Any:
    """What AWS takes: secrets without the wire format's wrapping, whole numbers where it has only floats."""
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _own_tags(inputs: Mapping[str, Any]) -> dict[str, str]:
    """A group's tags are a list of their own kind, which its realisation reads itself."""
    tags = inputs.get("tags")
    return dict(tags) if isinstance(tags, Mapping) else {}


def _tags_of_provider(inputs: Mapping[str, Any]) -> dict[str, str]:
    """A provider's structured inputs travel as JSON."""
    found = inputs.get("defaultTags", {})
    try:
        found = json.loads(found) if isinstance(found, str) else found
    except ValueError as error:
        raise ProvisionError(f"the provider's defaultTags are not JSON: {found!r}") from error
    return dict(found.get("tags", {}))
