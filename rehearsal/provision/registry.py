"""Which function realises which resource type. The functions themselves are in `realisations/`, one file a family."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.provision.clients import Clients
from stacks.offline.outputs import empty, promised


@dataclass(frozen=True)
class Declared:
    """One resource as the program declares it. `tags` are its own and the provider's, merged."""

    token: str
    name: str
    inputs: Mapping[str, Any]
    tags: Mapping[str, str]
    aws: Clients
    dns_names: Mapping[str, str]

    def given(self, *names: str) -> dict[str, Any]:
        """The named inputs that are set, under AWS's own names (first letter upper case)."""
        return {n[0].upper() + n[1:]: self.inputs[n] for n in names if self.inputs.get(n) is not None}

    def tag_list(self, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
        return [{key: name, value: text} for name, text in self.tags.items()]

    def promised(self) -> frozenset[str]:
        """The outputs that a resource of this type always has."""
        return frozenset(promised(self.token))

    def empty(self, *names: str) -> dict[str, Any]:
        return empty(self.token, *names)


@dataclass(frozen=True)
class Realised:
    """What came of it: the id, and outputs beyond the inputs."""

    id: str
    outputs: Mapping[str, Any]


Realisation = Callable[[Declared], Realised]


class Registry:
    """Type token to function. Asked by many threads, filled before any of them starts."""

    def __init__(self, functions: Mapping[str, Realisation] | None = None) -> None:
        self._functions = dict(functions or {})

    def realises(self, token: str) -> Callable[[Realisation], Realisation]:
        """Decorator: the function realises resources of this type."""

        def add(function: Realisation) -> Realisation:
            self._functions[token] = function
            return function

        return add

    def find(self, token: str) -> Realisation | None:
        return self._functions.get(token)

    def joined(self, *others: "Registry") -> "Registry":
        """A registry of all the functions; the last one wins."""
        functions = dict(self._functions)
        for other in others:
            functions.update(other._functions)
        return Registry(functions)
