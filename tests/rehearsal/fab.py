"""The real `fab`, as a child process against one rehearsal."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.cloud.server import Cloud
from rehearsal.connection import Connection
from rehearsal.processes import base_environment
from rehearsal.settings import REPOSITORY

_PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Ended:
    """How a task ended. `answer` is its `--json` object."""

    code: int
    answer: dict[str, Any]
    said: str


class Running:
    """A task that may still run."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def end(self) -> Ended:
        output, said = self.process.communicate(timeout=_PATIENCE_SECONDS)
        lines = output.strip().splitlines()
        return Ended(self.process.returncode, json.loads(lines[-1]) if lines else {}, said)


class Fab:
    """`fab TASK … --env rehearsal --json` in the rehearsal of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(self, *arguments: str, yes: bool = True) -> Running:
        task, *rest = arguments
        shared = ["--env", "rehearsal", "--json", *(["--yes"] if yes else [])]
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "fab"), task, *rest, *shared],
            cwd=REPOSITORY,
            env=base_environment() | {"SWITCHYARD_REHEARSAL_DIR": str(self._folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return Running(process)

    def __call__(self, *arguments: str, yes: bool = True) -> Ended:
        return self.start(*arguments, yes=yes).end()

    def status(self) -> dict[str, Any]:
        return self("status").answer


def connect(cloud: Cloud, region: str, folder: Path) -> None:
    """Let the tasks find an AWS without a rehearsal around it: no door, no control server."""
    found = Connection(
        endpoint_url=cloud.endpoint_url,
        region=region,
        public_url="https://127.0.0.1:1",
        nodes=(),
        ca_file="",
        control_url="",
        pid=os.getpid(),
        started_at="",
    )
    found.write(folder / "connection.json")
