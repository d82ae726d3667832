"""What a look at an account finds, one matter a line, and how that is shown. Pure."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """`to be made` is missing and made by this very task; `not known` is what AWS would not tell."""

    OK = "ok"
    TO_BE_MADE = "to be made"
    MISSING = "missing"
    WRONG = "wrong"
    WARNING = "warning"
    NOT_KNOWN = "not known"
    NOTE = "note"


_STATUS_WIDTH = max(len(status) for status in Status)
_LINE_WIDTH, _NARROWEST = 125, 40
# What makes the first `pulumi up`, or the first release, fail.
_STANDS_AGAINST = (Status.MISSING, Status.WRONG)


@dataclass(frozen=True)
class Finding:
    """One matter. `next_command` is the line that puts it right, where there is one."""

    matter: str
    status: Status
    says: str
    next_command: str | None = None

    @property
    def stands_against(self) -> bool:
        return self.status in _STANDS_AGAINST


def against(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.stands_against)


def table(findings: Iterable[Finding]) -> str:
    """A line for each, the command below it where something is to be done."""
    found = list(findings)
    width = max((len(finding.matter) for finding in found), default=0)
    return "\n".join(line for finding in found for line in _lines(finding, width))


def body(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {"matter": f.matter, "status": str(f.status), "says": f.says, "next_command": f.next_command} for f in findings
    ]


def _lines(finding: Finding, width: int) -> list[str]:
    first = f"{finding.status:<{_STATUS_WIDTH}}  {finding.matter:<{width}}  "
    says = textwrap.wrap(finding.says, max(_NARROWEST, _LINE_WIDTH - len(first)), break_long_words=False)
    command = [f"> {finding.next_command}"] if finding.next_command else []
    return [f"{first if index == 0 else ' ' * len(first)}{text}" for index, text in enumerate((*says, *command))]
