"""Every `fab` line in the README, the docs and the runbooks names a task and flags that exist."""

import re
import shlex
from pathlib import Path

import pytest
from invoke.parser import Parser

from scripts import ns

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "runbooks").rglob("*.md"))]
_FENCED = re.compile(r"^\s*(?:\$ )?(fab [^\n]*?)(?:\s+#.*)?$", re.MULTILINE)
_INLINE = re.compile(r"`(fab [^`\n]+)`")


def commands(page: Path) -> list[str]:
    text = page.read_text().replace("\\\n", " ")
    blocks = "\n".join(text.split("```")[1::2])
    return [*_FENCED.findall(blocks), *_INLINE.findall("".join(text.split("```")[::2]))]


CONTEXTS = ns.to_contexts()
LINES = [(page, line) for page in PAGES for line in commands(page)]


@pytest.mark.parametrize(("page", "line"), LINES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_a_command_on_a_page_is_one_that_exists(page: Path, line: str) -> None:
    words = ["something" if word == "NAME" else word for word in shlex.split(line)[1:] if word not in ("--help", "…")]
    if words == ["--list"]:
        return
    task = words[0]
    assert task in ns.task_names or task in {alias for names in ns.task_names.values() for alias in names}, task
    # Those named only: the parser copies all that it is given.
    named = [context for context in CONTEXTS if {context.name, *context.aliases} & set(words)]
    Parser(contexts=named).parse_argv(words)


def test_the_pages_do_name_commands() -> None:
    assert len(LINES) > 20
