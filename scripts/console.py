"""The one module that prints: progress and errors to stderr, reports and `--json` to stdout.

A step is one participle line with the seconds since the command began. The console keeps the steps and the
release, because `--json` names them also when the command fails.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from scripts.errors import Refused


@dataclass(frozen=True)
class StepReport:
    """One step as `--json` shows it."""

    name: str
    seconds: float
    result: str


class Console:
    """Where a command speaks. Without `interactive` it never asks."""

    def __init__(
        self,
        progress: TextIO | None = None,
        report: TextIO | None = None,
        now: Callable[[], float] = time.monotonic,
        interactive: bool | None = None,
    ) -> None:
        self._progress = progress or sys.stderr
        self._report = report or sys.stdout
        self._now = now
        self._began = now()
        self._interactive = sys.stdin.isatty() if interactive is None else interactive
        self.steps: list[StepReport] = []
        self.release: str | None = None

    @property
    def seconds(self) -> float:
        return self._now() - self._began

    def say(self, text: str) -> None:
        """A progress line below the current step."""
        print(f"           {text}", file=self._progress, flush=True)

    def line(self, text: str) -> None:
        """Progress that comes with a layout of its own."""
        print(text, file=self._progress, flush=True)

    def warn(self, text: str) -> None:
        print(f"Warning: {text}", file=self._progress, flush=True)

    def about(self, release: str) -> None:
        """Which release this is about; `--json` says so even when the command fails."""
        self.release = release

    @contextmanager
    def step(self, name: str, saying: str) -> Iterator[None]:
        """Announce a step and keep how it ended."""
        print(f"{self.seconds:8.1f} s {saying}…", file=self._progress, flush=True)
        began, result = self._now(), "failed"
        try:
            yield
            result = "done"
        finally:
            self.steps.append(StepReport(name, round(self._now() - began, 3), result))

    def done(self, message: str) -> None:
        """The result line."""
        print(f"{self.seconds:8.1f} s {message}", file=self._progress, flush=True)

    def error(self, message: str, next_command: str | None = None) -> None:
        print(f"Error: {message}", file=self._progress, flush=True)
        if next_command:
            self.next(next_command)

    def next(self, command: str) -> None:
        print(f"Next:  {command}", file=self._progress, flush=True)

    def trace(self, error: BaseException) -> None:
        traceback.print_exception(error, file=self._progress)

    def text(self, text: str) -> None:
        """A report that was asked for. A reader that has seen enough (`| head`) is no error."""
        try:
            print(text, file=self._report, flush=True)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._report.fileno())

    def object(self, value: dict[str, Any]) -> None:
        """The one object of `--json`."""
        print(json.dumps(value), file=self._report, flush=True)

    def step_objects(self) -> list[dict[str, Any]]:
        return [asdict(step) for step in self.steps]

    def confirm(self, question: str, consented: bool) -> None:
        """Go on only with consent. Raises Refused on a no, and where nobody can answer."""
        if consented:
            return
        if not self._interactive:
            raise Refused(f"{question} Nobody can answer here: give --yes to accept")
        print(f"{question} [y/N] ", file=self._progress, end="", flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Refused("not confirmed, nothing was changed")

    def confirm_by_typing(self, question: str, word: str, given: str | None) -> None:
        """Go on only when the word itself was typed, or given as `--confirm WORD`. Raises Refused otherwise."""
        if given == word:
            return
        if not self._interactive:
            raise Refused(f"{question} Nobody can type it here: give --confirm {word} to accept")
        print(f"{question} Type {word}: ", file=self._progress, end="", flush=True)
        if sys.stdin.readline().strip() != word:
            raise Refused("not confirmed, nothing was changed")
