"""A message may only name a command that exists."""

import ast
from pathlib import Path

import pytest

import scripts
from scripts import ns
from scripts.task_names import TaskName, command_line

SOURCES = sorted(Path(scripts.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("task", list(TaskName))
def test_every_named_task_is_in_the_list(task: TaskName) -> None:
    assert str(task) in ns.task_names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_fab_lines_inside_messages_name_tasks_that_exist(path: Path) -> None:
    texts = [n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant)]
    lines = [piece for text in texts if isinstance(text, str) for piece in text.split("`") if piece.startswith("fab ")]
    for line in lines:
        word = line.split()[1]
        assert word.startswith("--") or word in ns.task_names, line


def test_a_line_names_its_environment() -> None:
    assert command_line(TaskName.ROLLBACK, "staging", "--to", "blue") == "fab rollback --env staging --to blue"
