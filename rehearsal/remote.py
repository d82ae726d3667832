"""A running rehearsal from another process: start one in the background, talk to it, end it."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import urllib3

from rehearsal import connection
from rehearsal.connection import Connection
from rehearsal.errors import AlreadyRunning, NotRunning, RehearsalError, StartFailed
from rehearsal.folder import holder, locked
from rehearsal.processes import ProcessRegistry, is_dead, kill_all, send, wait_until
from rehearsal.settings import REPOSITORY, RehearsalSettings
from rehearsal.signals import undisturbed

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
    try:
        return _ready(child, settings.connection_file, log)
    except BaseException:
        # Whoever gives up waiting, by Ctrl-C too, will not look after it.
        with undisturbed():
            _end_child(child, settings)
        raise


def stop(settings: RehearsalSettings) -> bool:
    """End the rehearsal of the folder and wait until nothing is left. Returns False when none ran.

    One that still starts, or does not answer, is sent SIGTERM; one that was killed is cleared up after.
    Raises RehearsalError when the folder is held by a process that is no rehearsal.
    """
    if not settings.folder.exists():
        return False
    if _stopped_when_asked(settings):
        return True
    try:
        return _clear(settings)
    except AlreadyRunning:
        _terminate(_holder(settings.folder))
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


def _ready(child: subprocess.Popen[bytes], file: Path, log: Path) -> Connection:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise StartFailed(_last_words(log))
        found = _connection_of(child.pid, file)
        if found is not None:
            return found
        time.sleep(0.1)
    raise StartFailed(f"the rehearsal was not ready after {_START_SECONDS:.0f} s: see {log}")


def _end_child(child: subprocess.Popen[bytes], settings: RehearsalSettings) -> None:
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        kill_all([psutil.Process(child.pid)])
        child.wait()
    # Nothing of ours holds the folder now. Another rehearsal may: then what runs there is not ours.
    with suppress(AlreadyRunning):
        _clear(settings)


def _stopped_when_asked(settings: RehearsalSettings) -> bool:
    """Whether a running rehearsal answered the request to stop, and went."""
    # Whatever else answers on a stale control URL is no rehearsal: the lock tells.
    with suppress(RehearsalError, ValueError, KeyError, psutil.NoSuchProcess):
        running = connection.read(settings.connection_file)
        process = psutil.Process(running.pid)
        ask(running, "POST", "/stop")
        return wait_until(lambda: is_dead(process), _STOP_SECONDS)
    return False


def _holder(folder: Path) -> psutil.Process:
    """The rehearsal that holds the folder. Raises RehearsalError when that cannot be told."""
    pid = holder(folder)
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid) if pid else None
        if process is not None and _is_ours(process.cmdline()):
            return process
    raise RehearsalError(
        f"{folder} is held by a process that is no rehearsal (its lock names {pid or 'none'}): find it with "
        f"`fuser {folder / 'lock'}` and end it"
    )


def _is_ours(command: list[str]) -> bool:
    return any("rehearsal" in word or Path(word).name == "fab" for word in command)


def _terminate(process: psutil.Process) -> None:
    send(process, signal.SIGTERM)
    if not wait_until(lambda: is_dead(process), _STOP_SECONDS):
        kill_all([process])


def _clear(settings: RehearsalSettings) -> bool:
    """Kill what a killed rehearsal left. Raises AlreadyRunning when one lives: its processes are not ours to end."""
    with locked(settings.folder):
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
