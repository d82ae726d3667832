"""`python -m scripts.security.page > docs/security.md`: the page about security, from the table of controls.

What is held is proven by tests/stacks/controls, not here.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("controls.toml")
_CHAPTERS = {
    "exception": (
        "Exceptions",
        "What a scanner will report and you may accept, or not. Each is a decision, with what stands in its place.",
    ),
    "held": (
        "Held",
        "Declared by the program in every environment; a test named after the control fails when it no longer is "
        "(`tests/stacks/controls`), and each of these tests is shown to fail by a mutation.",
    ),
    "account": ("Of the account", "One environment cannot or should not decide these; somebody must."),
    "absent": ("Nothing to hold", "The stack has no such thing."),
}
_INTRODUCTION = """# Security

[//]: # (Written by `make docs`. Change scripts/security/controls.toml or page.py, not this page.)

The rows are the controls of AWS's Foundational Security Best Practices that concern this stack, and a few beside them.
The numbers are AWS's; where a title could not be checked against AWS's own list, the text says so.

In short: tasks and hosts live in private subnets and have no public address; one door, TLS only, behind a web firewall
that refuses no prompt; secrets are in Secrets Manager and reach a task by reference; containers run as a user of their
own, with a read-only root and no capability; images run by digest; roles are least privilege
([permissions](permissions.md)), taken by OIDC or by people, with no access keys; state, tables, buckets and the alert
topic are encrypted and protected from deletion.
"""


@dataclass(frozen=True)
class Row:
    """One control."""

    id: str
    title: str
    state: str
    text: str
    environments: tuple[str, ...] = ()


def rows() -> list[Row]:
    """The rows of the table, in its order."""
    found = tomllib.loads(TABLE.read_text())["control"]
    return [Row(**{**row, "environments": tuple(row.get("environments", ()))}) for row in found]


def page() -> str:
    """The whole page."""
    known = rows()
    chapters = [_chapter(state, [row for row in known if row.state == state]) for state in _CHAPTERS]
    return "\n".join([_INTRODUCTION, *chapters])


def _chapter(state: str, found: list[Row]) -> str:
    title, introduction = _CHAPTERS[state]
    lines = [f"## {title} ({len(found)})", "", introduction, "", "| control | asks for | here |", "|---|---|---|"]
    return "\n".join([*lines, *_lines(found), ""])


def _lines(found: Iterable[Row]) -> Iterator[str]:
    for row in found:
        where = f"Only in {', '.join(row.environments)}. " if row.environments else ""
        yield f"| {row.id} | {row.title} | {where}{row.text} |"


if __name__ == "__main__":
    sys.stdout.write(page())
