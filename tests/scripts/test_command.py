"""What all tasks share, tried through Fabric's own program."""

import json
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from fabric import Config, Executor
from fabric.main import Fab
from invoke import Collection

from scripts import ns
from scripts.command import Report, Run, command
from scripts.console import Console
from scripts.errors import HalfWay, Refused, Restored, TaskError

RAN: list[tuple[object, ...]] = []
FAILURES: dict[str, TaskError] = {
    "refused": Refused("it cannot be", "fab status --env staging"),
    "restored": Restored("it broke"),
    "half-way": HalfWay("it stopped", "fab abort --env staging"),
}


@command(help={"name": "which one"}, changes=True)
def act(run: Run, name: str, hold_seconds: float = 1.5, also: list[str] | None = None) -> Report:
    """Act on something."""
    RAN.append((run.environment_name, name, hold_seconds, also, run.yes, run.dry_run))
    with run.console.step("one", "Doing one thing"):
        pass
    return Report(message="acted", release="r-1", next_command="fab status --env staging")


@command()
def fail(run: Run, how: str) -> Report:
    """Fail in a way."""
    if how == "signal":
        os.kill(os.getpid(), signal.SIGTERM)
    if how == "bug":
        raise KeyError("oops")
    raise FAILURES[how]


@command()
def ask(run: Run) -> Report:
    """Ask a question."""
    run.console.confirm("Really?", run.yes)
    return Report(text="yes then")


@command()
def make(run: Run) -> Report:
    """Make something that has a value of its own."""
    return Report(text="k-1", more={"key": "k-1"})


SAMPLE = Collection(act, fail, ask, make)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    RAN.clear()
    monkeypatch.delenv("SWITCHYARD_ENV", raising=False)
    monkeypatch.setenv("SWITCHYARD_REHEARSAL_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", StringIO())


def fab(monkeypatch: pytest.MonkeyPatch, *words: str, of: Collection = SAMPLE) -> int:
    """Run `fab WORDS` in this process; answers the exit code."""
    monkeypatch.setattr(sys, "argv", ["fab", *words])
    try:
        Fab(namespace=of, executor_class=Executor, config_class=Config).run()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_shared_flags_come_after_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("act", "x", "--env", "staging", "--yes", "--hold-seconds", "3", "--also", "a", "--also", "b")
    assert fab(monkeypatch, *words) == 0
    assert RAN == [("staging", "x", 3.0, ["a", "b"], True, False)]


def test_the_environment_variable_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHYARD_ENV", "production")
    fab(monkeypatch, "act", "x")
    assert RAN[0][0] == "production"


@pytest.mark.parametrize("words", [("act", "x", "--env", ""), ("act", "x", "--env", "--yes")])
def test_an_empty_environment_is_an_error(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    assert fab(monkeypatch, *words) == 1
    assert RAN == []


def test_an_empty_environment_variable_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SWITCHYARD_ENV", "")
    assert fab(monkeypatch, "act", "x") == 1
    assert "SWITCHYARD_ENV is set to nothing" in capsys.readouterr().err
    assert RAN == []


def test_json_is_one_object_on_stdout_and_all_else_goes_to_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fab(monkeypatch, "act", "x", "--env", "staging", "--json")
    said = capsys.readouterr()
    found = json.loads(said.out)
    (step,) = found.pop("steps")
    assert (step["name"], step["result"]) == ("one", "done")
    assert found == {
        "command": "act",
        "environment": "staging",
        "result": "done",
        "exit_code": 0,
        "release": "r-1",
        "next_command": "fab status --env staging",
    }
    assert "Doing one thing…" in said.err


def test_what_a_task_has_to_tell_joins_the_usual_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fab(monkeypatch, "make", "--env", "staging", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["command"], found["result"], found["key"]) == ("make", "done", "k-1")


@pytest.mark.parametrize(("how", "code"), [("refused", 1), ("restored", 2), ("half-way", 4)])
def test_an_error_is_one_line_its_next_command_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str, code: int
) -> None:
    assert fab(monkeypatch, "fail", how, "--json") == code
    said = capsys.readouterr()
    assert json.loads(said.out)["result"] == how
    assert "Traceback" not in said.err
    assert FAILURES[how].next_command is None or f"Next:  {FAILURES[how].next_command}" in said.err


def test_sigterm_is_ctrl_c(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert fab(monkeypatch, "fail", "signal") == 1
    assert "stopped before anything was changed" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_traceback_is_only_for_debug(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert fab(monkeypatch, "fail", "bug") == 1
    assert "Traceback" not in capsys.readouterr().err
    fab(monkeypatch, "fail", "bug", "--debug")
    assert "Traceback" in capsys.readouterr().err


def test_a_question_that_nobody_can_answer_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, "ask") == 1
    assert "--yes" in capsys.readouterr().err
    assert fab(monkeypatch, "ask", "--yes") == 0


@pytest.mark.parametrize("words", [("--help",), ("-h",)])
def test_help_in_a_positionals_place_prints_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert fab(monkeypatch, "act", *words) == 0
    assert "Usage: fab act NAME" in capsys.readouterr().out
    assert RAN == []


@pytest.mark.parametrize(
    "words",
    [(), ("",), ("-x",), ("--dry",), ("--version",), ("x", "--dry"), ("x", "--version"), ("x", "--hold-seconds", "y")],
)
def test_what_makes_no_sense_runs_nothing(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    assert fab(monkeypatch, "act", *words) == 1
    assert RAN == []


def test_fabrics_dry_is_refused_and_dry_run_offered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, "--dry", "act", "x") == 1
    assert "--dry-run" in capsys.readouterr().err
    assert fab(monkeypatch, "act", "x", "--dry-run") == 0
    assert RAN[0][-1] is True


def test_no_parameter_takes_a_short_flag() -> None:
    for task in ns.task_names:
        names = [name for argument in ns[task].get_arguments(ignore_unknown_help=True) for name in argument.names]
        assert all(len(name) > 1 for name in names), task


def around(task: str) -> Collection:
    """The task with its neighbours: Invoke copies all tasks that it is given, several times a command line."""
    first, _, rest = task.partition(".")
    found = Collection()
    if rest:
        found.add_collection(ns.collections[first])
    else:
        found.add_task(ns.tasks[first])
    return found


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("--dry",), ("--version",), ()])
@pytest.mark.parametrize("task", sorted(ns.task_names))
def test_no_task_runs_by_accident(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], task: str, words: tuple[str, ...]
) -> None:
    """`rehearsal.run` and the like act without a value, by intent; that is not tried here."""
    if not words and task.startswith("rehearsal."):
        return
    took: list[str] = []
    monkeypatch.setattr(Console, "step", lambda self, name, saying: took.append(name))
    code = fab(monkeypatch, task, *words, of=around(task))
    said = capsys.readouterr()
    assert took == []
    assert code == (0 if words and words[0] in ("--help", "-h") else 1), said.err
    assert ("sage" in said.out) or said.err


def test_every_task_says_in_one_line_what_it_does_and_explains_each_flag() -> None:
    """In a process of its own, because Invoke forgets a task's help once it was asked for."""
    code = (
        "from scripts import ns\n"
        "for name in ns.task_names:\n"
        "    assert ns[name].__doc__.splitlines()[0].endswith('.'), name\n"
        "    for argument in ns[name].get_arguments(): assert argument.help, (name, argument)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
