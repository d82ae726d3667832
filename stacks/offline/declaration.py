"""What one run of the program declared, to be asked questions. Loads neither Pulumi nor the program.

`recorder.py` writes it, `python -m stacks.offline` prints it, `declared` asks for it in a process of its own.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stacks.errors import OfflineFailed

# Stands where a preview does not know a value yet.
UNKNOWN = "<unknown>"
# Stands where the program declares a secret.
SECRET = "<secret>"  # noqa: S105 - what is written instead of one
_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Declaration:
    """One resource with its inputs, under the provider's own names, and the options that the engine acts on."""

    type: str
    name: str
    inputs: dict[str, Any]
    provider: str = ""
    protect: bool = False
    ignore_changes: list[str] = field(default_factory=list)
    depends_on: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The last part of the type: `Vpc` of `aws:ec2/vpc:Vpc`."""
        return self.type.rpartition(":")[2]


class Program:
    """The resources of one environment, in the order of their registration. `all` has components and providers too."""

    def __init__(self, recorded: Mapping[str, Any]) -> None:
        self.environment: str = recorded["environment"]
        self.outputs: dict[str, Any] = recorded["outputs"]
        self.all = [Declaration(**found) for found in recorded["resources"]]
        self.aws = [found for found in self.all if found.type.startswith("aws:")]

    def of(self, kind: str) -> list[Declaration]:
        """The AWS resources whose type ends in `:kind`."""
        return [found for found in self.aws if found.kind == kind]

    def one(self, name: str) -> Declaration:
        """The AWS resource with this logical name."""
        (found,) = [found for found in self.aws if found.name == name]
        return found


def declared(environment: str) -> Program:
    """What the program declares for an environment: without a cloud, credentials or secrets, in some seconds.

    Raises OfflineFailed with the child's own sentence.
    """
    argv = [sys.executable, "-m", "stacks.offline", environment]
    try:
        ran = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise OfflineFailed(f"the program did not end within {_TIMEOUT_SECONDS} s: {' '.join(argv[1:])}") from error
    if ran.returncode != 0:
        raise OfflineFailed(f"what {environment} declares is not known: {_said(ran, environment)}")
    return Program(json.loads(ran.stdout))


def _said(ran: "subprocess.CompletedProcess[str]", environment: str) -> str:
    """The child's sentence; of a traceback only the last line."""
    lines = ran.stderr.strip().splitlines() or [f"exit code {ran.returncode} without a word"]
    if not any(line.startswith("Traceback") for line in lines):
        return "\n".join(lines)
    return f"{lines[-2]} (python -m stacks.offline {environment} shows where)"
