"""What one run of the program declared, to be asked questions."""

from dataclasses import dataclass
from typing import Any

# Stands where a preview does not know a value yet.
UNKNOWN = "<unknown>"


@dataclass(frozen=True)
class Declaration:
    """One resource with its inputs and the options that the engine acts on."""

    type: str
    name: str
    inputs: dict[str, Any]
    provider: str
    protect: bool
    ignore_changes: list[str]
    depends_on: list[str]


class Program:
    """The resources of one environment, in the order of their registration."""

    def __init__(self, recorded: dict[str, Any]) -> None:
        self.outputs: dict[str, Any] = recorded["outputs"]
        self.all = [_declaration(found, recorded["options"]) for found in recorded["resources"]]
        self.aws = [found for found in self.all if found.type.startswith("aws:")]

    def of(self, kind: str) -> list[Declaration]:
        """The resources whose type ends in `:kind`."""
        return [found for found in self.aws if found.type.rpartition(":")[2] == kind]

    def one(self, name: str) -> Declaration:
        """The resource with this logical name."""
        (found,) = [found for found in self.aws if found.name == name]
        return found


def _declaration(found: dict[str, Any], options: dict[str, Any]) -> Declaration:
    seen = options.get(found["name"], {})
    return Declaration(
        type=found["type"],
        name=found["name"],
        inputs=found["inputs"],
        provider=found["provider"],
        protect=seen.get("protect", False),
        ignore_changes=seen.get("ignore_changes", []),
        depends_on=seen.get("depends_on", []),
    )
