"""Plays steps: each is the real `fab`, as a child process, with its own view of the clock and the world."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rehearsal.processes import ProcessRegistry, base_environment, stop
from rehearsal.settings import REPOSITORY
from rehearsal.story.checks import Status
from rehearsal.story.script import Step
from rehearsal.traffic.accounting import StepWindow

_STEP_SECONDS = 600.0
# For a command that is repeated.
_UNTIL_SECONDS = 60.0
# What a step that is out of time gets to end by itself.
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.3


@dataclass(frozen=True)
class Played:
    """A step as it went. `problem` says what was not as the story wants it."""

    window: StepWindow
    answer: dict[str, Any]
    problem: str | None


@dataclass(frozen=True)
class _Ended:
    code: int
    answer: dict[str, Any]
    in_time: bool


class Player:
    """Runs tasks against one rehearsal. `say` shows a line of progress."""

    def __init__(
        self,
        folder: Path,
        say: Callable[[str], None],
        *,
        program: Sequence[str] = (str(Path(sys.executable).parent / "fab"),),
        step_seconds: float = _STEP_SECONDS,
        until_seconds: float = _UNTIL_SECONDS,
    ) -> None:
        self._folder, self._say = folder, say
        self._program, self._step_seconds, self._until_seconds = program, step_seconds, until_seconds
        # What was seen after the last step, nothing where that was not looked at.
        self._seen: Status = {}

    def play(self, step: Step) -> Played:
        """Run a step and check what it did."""
        before = self._before(step)
        started = time.time()
        ended = self._repeated(step)
        window = StepWindow(step.name, started, time.time(), ended.code, step.exit_code)
        return Played(window, ended.answer, self._problem(step, ended, before))

    def status(self) -> Status:
        return self._fab(("status",), quiet=True).answer

    def _before(self, step: Step) -> Status:
        """Nothing ran since the step before, so what was seen after it still holds; what it was blind to is asked."""
        seen, self._seen = self._seen, {}
        return seen or self.status() if step.check else {}

    def _repeated(self, step: Step) -> _Ended:
        """Once, or until nothing is missing, or the time is up, or the command fails."""
        until = time.monotonic() + self._until_seconds
        while True:
            ended = self._fab(step.arguments, typed=step.typed)
            done = step.until is None or ended.code != step.exit_code or step.until(ended.answer) is None
            if done or time.monotonic() >= until:
                return ended
            time.sleep(_PAUSE_SECONDS)

    def _problem(self, step: Step, ended: _Ended, before: dict[str, Any]) -> str | None:
        if not ended.in_time:
            return f"did not end within {self._step_seconds:g} s"
        if ended.code != step.exit_code:
            return f"exit code {ended.code}, expected {step.exit_code}"
        if step.until is not None and (missing := step.until(ended.answer)):
            return f"{missing} after {self._until_seconds:g} s"
        if step.check is None:
            return None
        after = self._seen = self.status()
        if not before or not after:
            return "`fab status` gave no answer, so nothing is known of what the step did"
        return step.check(before, after)

    def _fab(self, arguments: Sequence[str], quiet: bool = False, typed: str | None = None) -> _Ended:
        child = self._start(arguments, typed)
        heard: list[str] = []
        listeners = [
            threading.Thread(target=_listen, args=(child.stdout, heard.append), daemon=True),
            threading.Thread(target=_listen, args=(child.stderr, _unheard if quiet else self._pass_on), daemon=True),
        ]
        for listener in listeners:
            listener.start()
        in_time = True
        try:
            child.wait(self._step_seconds)
        except subprocess.TimeoutExpired:
            in_time = False
        finally:
            if child.poll() is None:
                stop(child, _PATIENCE_SECONDS)
        for listener in listeners:
            listener.join(_PATIENCE_SECONDS)
        return _Ended(child.returncode, _object(heard), in_time)

    def _start(self, arguments: Sequence[str], typed: str | None) -> subprocess.Popen[str]:
        task, *rest = arguments
        child = subprocess.Popen(
            [*self._program, task, *rest, "--env", "rehearsal", "--yes", "--json"],
            cwd=REPOSITORY,
            env=base_environment() | {"SWITCHYARD_REHEARSAL_DIR": str(self._folder)},
            stdin=subprocess.DEVNULL if typed is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # Should we be killed, the next rehearsal in the folder must not meet a release that still goes on.
        ProcessRegistry(self._folder).note(child.pid)
        if typed is not None and child.stdin is not None:
            _type(child.stdin, typed)
        return child

    def _pass_on(self, line: str) -> None:
        self._say(line.rstrip())


def _type(terminal: IO[str], typed: str) -> None:
    """A child that ended before it read has said why."""
    with suppress(BrokenPipeError), terminal:
        terminal.write(typed)


def _listen(lines: IO[str], hear: Callable[[str], None]) -> None:
    with lines:
        for line in lines:
            hear(line)


def _unheard(_line: str) -> None:
    pass


def _object(lines: Sequence[str]) -> dict[str, Any]:
    """The one object that `--json` prints, nothing where a command printed none."""
    try:
        found: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        return {}
    return found
