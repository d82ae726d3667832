"""A running rehearsal from another process: start one in the background, talk to it, end it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import urllib3

from rehearsal import connection
from rehearsal.connection import Connection
from rehearsal.errors import NotRunning, RehearsalError, StartFailed
from rehearsal.processes import ProcessRegistry, kill_all, wait_until
from rehearsal.settings import REPOSITORY, RehearsalSettings

_START_SECONDS, _STOP_SECONDS = 120.0, 60.0
_TIMEOUT = urllib3.Timeout(total=10.0)


def start_detached(settings: RehearsalSettings) -> Connection:
    """Start a rehearsal that outlives this process, and wait until it is ready.

    Raises StartFailed with what it said last.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    log = settings.folder / "supervisor.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.supervise", "--port", str(settings.port)],
            cwd=REPOSITORY,
            env=os.environ | {"SWITCHYARD_REHEARSAL_DIR": str(settings.folder), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise StartFailed(_last_words(log))
        found = _connection_of(child.pid, settings.connection_file)
        if found is not None:
            return found
        time.sleep(0.1)
    child.terminate()
    raise StartFailed(f"the rehearsal was not ready after {_START_SECONDS:.0f} s: see {log}")


def stop(settings: RehearsalSettings) -> bool:
    """End the rehearsal of the folder and wait until nothing is left. Returns False when none ran.

    One that was killed is cleared up after.
    """
    try:
        running = connection.read(settings.connection_file)
    except NotRunning:
        return _clear(settings)
    process = psutil.Process(running.pid)
    ask(running, "POST", "/stop")
    if not wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, _STOP_SECONDS):
        kill_all([process])
        _clear(settings)
    return True


def ask(running: Connection, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One request to the control server. Raises RehearsalError with what it answered when it refuses."""
    try:
        answer = urllib3.request(method, running.control_url + path, json=body or {}, timeout=_TIMEOUT, retries=False)
    except urllib3.exceptions.HTTPError as error:
        raise NotRunning(f"the rehearsal's control server does not answer: {error}") from error
    data: dict[str, Any] = json.loads(answer.data)
    if answer.status != 200:
        raise RehearsalError(data["error"])
    return data


def _clear(settings: RehearsalSettings) -> bool:
    if not settings.folder.exists():
        return False
    left = ProcessRegistry(settings.folder).clear()
    settings.connection_file.unlink(missing_ok=True)
    return left > 0


def _connection_of(pid: int, file: Path) -> Connection | None:
    try:
        found = connection.read(file)
    except NotRunning:
        return None
    return found if found.pid == pid else None


def _last_words(log: Path) -> str:
    text = log.read_text(errors="replace")
    _, marker, message = text.rpartition("Error: ")
    return message.strip() if marker else f"the rehearsal ended while it started; the end of {log}:\n{text[-2000:]}"
