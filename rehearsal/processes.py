"""Child processes of a rehearsal: started in sessions of their own, written down, and never left behind.

Every process is noted in `processes.jsonl` with its start time, so that the next rehearsal can clear what a
killed one left, and will not touch a stranger that got the same number.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

_DEATH_SECONDS = 5.0


class ProcessRegistry:
    """The processes that this rehearsal started."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "processes.jsonl"

    def start(
        self, argv: Sequence[str], *, environment: Mapping[str, str], working_directory: Path, log: Path
    ) -> subprocess.Popen[bytes]:
        """Start a child whose output goes to `log`."""
        with log.open("ab") as output:
            child = subprocess.Popen(
                list(argv),
                cwd=working_directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.note(child.pid)
        return child

    def note(self, pid: int) -> None:
        """Write a process down. One that is gone already needs no note."""
        with contextlib.suppress(psutil.NoSuchProcess), self._file.open("a") as file:
            file.write(json.dumps({"pid": pid, "created": psutil.Process(pid).create_time()}) + "\n")

    def clear(self) -> int:
        """Kill what an earlier rehearsal in this folder left running. Returns how many processes that were."""
        left = [process for process in self._noted() if process.is_running()]
        killed = kill_all(left)
        self._file.unlink(missing_ok=True)
        return killed

    def _noted(self) -> Iterable[psutil.Process]:
        if not self._file.exists():
            return
        for line in self._file.read_text().splitlines():
            entry = json.loads(line)
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(entry["pid"])
                if abs(process.create_time() - entry["created"]) < 0.05:
                    yield process


def family(pid: int) -> list[psutil.Process]:
    """A process and all its descendants, itself first."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill_all(processes: Iterable[psutil.Process]) -> int:
    """SIGKILL processes with their descendants and wait until they are gone. Returns how many there were."""
    doomed = {member.pid: member for process in processes for member in family(process.pid)}
    for process in doomed.values():
        send(process, signal.SIGKILL)
    wait_until(lambda: all(map(is_dead, doomed.values())), _DEATH_SECONDS, interval_seconds=0.01)
    return len(doomed)


def lives(pid: int) -> bool:
    """Whether a process of this number is there and no zombie."""
    try:
        return not is_dead(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def is_dead(process: psutil.Process) -> bool:
    """A zombie is dead: in a container nobody may ever reap a grandchild."""
    try:
        return not process.is_running() or bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def send(process: psutil.Process, number: signal.Signals) -> None:
    """Send a signal to a process that may be gone by now."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def stop(child: subprocess.Popen[Any], patience_seconds: float) -> None:
    """SIGTERM, patience, SIGKILL for the whole family."""
    members = family(child.pid)
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(patience_seconds)
    kill_all(members)
    child.wait()


def wait_until(condition: Callable[[], bool], seconds: float, interval_seconds: float = 0.1) -> bool:
    """Whether a condition became true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(interval_seconds)
    return False


def base_environment() -> dict[str, str]:
    """What a child inherits: enough to run Python, and nothing of the caller's AWS."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return {name: os.environ[name] for name in kept if name in os.environ} | measured | {"PYTHONUNBUFFERED": "1"}
