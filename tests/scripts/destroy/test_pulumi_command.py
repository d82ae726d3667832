"""The `pulumi` command as a child: its command line, its output, and an interrupt that must not kill it."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from scripts.destroy import pulumi_command
from scripts.errors import Refused
from stacks.offline.settings import REPOSITORY

_STAND_IN = """#!{python}
import json, os, signal, sys, time
here = os.environ["STAND_IN"]
with open(here + "/argv", "a") as file:
    file.write(json.dumps([os.getcwd(), *sys.argv[1:]]) + "\\n")
print("to be seen")
print("error: no stack named 'staging' found", file=sys.stderr)
if sys.argv[1] == "destroy":
    signal.signal(signal.SIGINT, lambda *_: sys.exit(7))
    open(here + "/ready", "w").close()
    time.sleep(30)
sys.exit(int(os.environ["STATUS"]))
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    command = tmp_path / "pulumi"
    command.write_text(_STAND_IN.format(python=sys.executable))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("STAND_IN", str(tmp_path))
    monkeypatch.setenv("STATUS", "0")
    return tmp_path


def ran(folder: Path) -> list[list[str]]:
    return [json.loads(line) for line in (folder / "argv").read_text().splitlines()]


def test_an_absent_command_is_refused_before_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="the `pulumi` command is not there"):
        pulumi_command.require("staging")


def test_a_stack_that_pulumi_does_not_know_is_refused_with_its_reason(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATUS", "255")
    with pytest.raises(Refused, match="cannot open stack staging: error: no stack named 'staging' found"):
        pulumi_command.require("staging")


def test_it_is_asked_for_the_very_stack_in_the_repository(stand_in: Path) -> None:
    pulumi_command.require("staging")
    assert ran(stand_in) == [[str(REPOSITORY), "stack", "--show-name", "--stack", "staging", "--non-interactive"]]


def test_what_it_prints_goes_to_stderr_and_its_status_is_answered(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STATUS", "3")
    assert pulumi_command.run(("pulumi", "state", "unprotect", "--all")) == 3
    said = capfd.readouterr()
    assert said.out == ""
    assert "to be seen" in said.err
    assert ran(stand_in) == [[str(REPOSITORY), "state", "unprotect", "--all"]]


def test_an_interrupt_is_handed_on_and_waited_for(stand_in: Path) -> None:
    def interrupt() -> None:
        while not (stand_in / "ready").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    began = time.monotonic()
    assert pulumi_command.run(("pulumi", "destroy")) == 7
    assert time.monotonic() - began < 20
