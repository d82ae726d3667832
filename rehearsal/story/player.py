"""Plays steps: each is the real `fab`, as a child process, with its own view of the clock and the world."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rehearsal.processes import base_environment
from rehearsal.settings import REPOSITORY
from rehearsal.story.script import Step
from rehearsal.traffic.accounting import StepWindow

_STEP_SECONDS = 600


@dataclass(frozen=True)
class Played:
    """A step as it went. `problem` says what was not as the story wants it."""

    window: StepWindow
    answer: dict[str, Any]
    problem: str | None


class Player:
    """Runs tasks against one rehearsal. `say` shows a line of progress."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder, self._say = folder, say

    def play(self, step: Step) -> Played:
        """Run a step and check what it did."""
        before = self.status() if step.check else {}
        started = time.time()
        code, answer = self._fab(step.arguments)
        window = StepWindow(step.name, started, time.time(), code, step.exit_code)
        return Played(window, answer, self._problem(step, window, before))

    def status(self) -> dict[str, Any]:
        return self._fab(("status",), quiet=True)[1]

    def _problem(self, step: Step, window: StepWindow, before: dict[str, Any]) -> str | None:
        if not window.as_expected:
            return f"exit code {window.exit_code}, expected {step.exit_code}"
        return step.check(before, self.status()) if step.check else None

    def _fab(self, arguments: Sequence[str], quiet: bool = False) -> tuple[int, dict[str, Any]]:
        task, *rest = arguments
        argv = [str(Path(sys.executable).parent / "fab"), task, *rest, "--env", "rehearsal", "--yes", "--json"]
        child = subprocess.Popen(
            argv,
            cwd=REPOSITORY,
            env=base_environment() | {"SWITCHYARD_REHEARSAL_DIR": str(self._folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        heard: list[str] = []
        listener = threading.Thread(target=self._pass_on, args=(child.stderr, quiet), daemon=True)
        listener.start()
        try:
            heard += child.stdout or ()
            code = child.wait(_STEP_SECONDS)
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
        listener.join()
        return code, _object(heard)

    def _pass_on(self, lines: IO[str], quiet: bool) -> None:
        for line in lines:
            if not quiet:
                self._say(line.rstrip())


def _object(lines: Sequence[str]) -> dict[str, Any]:
    """The one object that `--json` prints, nothing where a command printed none."""
    try:
        found: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        return {}
    return found
