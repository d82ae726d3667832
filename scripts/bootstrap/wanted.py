"""What an environment's settings ask of an account, as far as they can be read yet.

Settings come through the readers that the program itself uses, so that nothing is judged twice. Unlike the program
this goes on with what is there: before the first `pulumi up` some settings are still to be found.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.bootstrap.finding import Finding, Status
from scripts.errors import Refused
from stacks.errors import StacksError
from stacks.instance_types import INSTANCE_TYPES, InstanceType
from stacks.naming import Names
from stacks.offline.settings import PROJECT, merged
from stacks.plain_text import in_plain_text
from stacks.reading import read
from stacks.relations import broken
from stacks.schema import Settings

# Stands for a value that only Pulumi can decrypt: it is there, and what it is does not matter here.
_ENCRYPTED = "0" * 64
_PULUMI, _AWS = "pulumi ", "aws "

_ALL_THERE = Finding("settings", Status.OK, "all there, and they fit together")


@dataclass(frozen=True)
class Wanted:
    """Settings by key, as far as they can be read, and what is wrong with the others."""

    environment: str
    values: Mapping[str, Any]
    problems: tuple[Finding, ...]

    def text(self, key: str) -> str | None:
        found = self.values.get(key)
        return str(found) if found else None

    def number(self, key: str) -> int | None:
        return self.values.get(key)

    def strings(self, key: str) -> tuple[str, ...]:
        return tuple(self.values.get(key) or ())

    @property
    def instance_type(self) -> InstanceType | None:
        return INSTANCE_TYPES.get(self.text("instanceType") or "")


def of(environment: str) -> Wanted:
    """The settings of an environment's file. Raises Refused where there is no file."""
    try:
        Names(environment)
        found = merged(environment, {})
    except StacksError as error:
        raise Refused(str(error)) from error
    return judged(environment, {key.partition(":")[2]: value for key, value in found.items() if _is_ours(key)})


def judged(environment: str, text: Mapping[str, str]) -> Wanted:
    """The settings of text, by key."""
    hidden = {key for key, value in text.items() if _is_encrypted(value)}
    shown = {key: _ENCRYPTED if key in hidden else value for key, value in text.items()}
    values, unreadable = read(Settings, shown)
    judged_values = {key: value for key, value in values.items() if key not in hidden}
    problems = [*in_plain_text(Settings, shown, hidden), *unreadable]
    problems += broken({**judged_values, "environment": environment})
    return Wanted(environment, values, tuple(_finding(one, environment) for one in problems) or (_ALL_THERE,))


def _finding(problem: str, environment: str) -> Finding:
    """A reader's sentence is `key value, key value: what is wrong; to find or set it: hint`."""
    what, _, hint = problem.removeprefix(f"environment {environment}, ").partition("; to find or set it: ")
    matter = f"setting {re.split('[ :,]', what, maxsplit=1)[0]}"
    if not what.endswith(": missing"):
        return Finding(matter, Status.WRONG, what)
    if hint.startswith(_PULUMI) or f"| {_PULUMI}" in hint:
        return Finding(matter, Status.MISSING, "has no value yet", f"{hint} --stack {environment}")
    if hint.startswith(_AWS):
        return Finding(matter, Status.MISSING, "has no value yet", hint)
    return Finding(matter, Status.MISSING, f"has no value yet: {hint}")


def _is_ours(key: str) -> bool:
    return key.startswith(f"{PROJECT}:")


def _is_encrypted(value: str) -> bool:
    """Pulumi writes a secret as `{secure: CIPHERTEXT}`."""
    try:
        found = json.loads(value)
    except ValueError:
        return False
    return isinstance(found, dict) and set(found) == {"secure"}
