"""Ending a rehearsal that cannot be asked: it still starts, is deaf, or is another program by now."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from rehearsal import remote
from rehearsal.addresses import free_port
from rehearsal.connection import Connection
from rehearsal.errors import RehearsalError
from rehearsal.folder import holder, locked
from rehearsal.processes import ProcessRegistry, base_environment
from rehearsal.settings import REPOSITORY, RehearsalSettings

HOLDER = """
import pathlib, signal, subprocess, sys, time
from rehearsal.folder import held
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
with held(pathlib.Path(sys.argv[1])) as registry:
    child = subprocess.Popen(["sleep", "60"], start_new_session=True, stdout=subprocess.DEVNULL)
    registry.note(child.pid)
    print(child.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def settings(tmp_path: Path) -> RehearsalSettings:
    return RehearsalSettings(folder=tmp_path, port=free_port())


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A living process that has nothing to do with a rehearsal."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def start_holder(folder: Path, *words: str) -> tuple[subprocess.Popen[str], psutil.Process]:
    """A rehearsal that has begun to start, and its first child."""
    argv = [sys.executable, "-c", HOLDER, str(folder), *words]
    process = subprocess.Popen(argv, cwd=REPOSITORY, env=base_environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, psutil.Process(int(process.stdout.readline()))


def connect(settings: RehearsalSettings, pid: int) -> None:
    """A connection.json whose control server does not answer."""
    nobody = f"http://127.0.0.1:{free_port()}"
    connection = Connection(nobody, "us-east-1", nobody, (), "ca.pem", nobody, pid, "2026-11-22T03:00:00+00:00")
    connection.write(settings.connection_file)


@pytest.mark.parametrize("connected", [False, True], ids=["still starting", "not answering"])
@pytest.mark.parametrize("words", [[], ["deaf"]], ids=["obedient", "deaf"])
def test_a_rehearsal_that_cannot_be_asked_is_ended_with_its_children(
    settings: RehearsalSettings, monkeypatch: pytest.MonkeyPatch, words: list[str], connected: bool
) -> None:
    monkeypatch.setattr(remote, "_STOP_SECONDS", 0.5)
    process, child = start_holder(settings.folder, *words)
    if connected:
        connect(settings, process.pid)
    with process:
        assert remote.stop(settings) is True
    assert process.returncode == (-9 if words else -15)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert not settings.connection_file.exists()


def test_a_folder_held_by_no_rehearsal_is_left_alone(
    settings: RehearsalSettings, stranger: subprocess.Popen[bytes]
) -> None:
    ProcessRegistry(settings.folder).note(stranger.pid)
    with locked(settings.folder):
        (settings.folder / "lock").write_text(str(stranger.pid))
        with pytest.raises(RehearsalError, match=f"its lock names {stranger.pid}"):
            remote.stop(settings)
    assert stranger.poll() is None


def test_a_stale_connection_to_a_stranger_is_cleared_and_the_stranger_lives(
    settings: RehearsalSettings, stranger: subprocess.Popen[bytes]
) -> None:
    connect(settings, stranger.pid)
    assert remote.stop(settings) is False
    assert stranger.poll() is None
    assert not settings.connection_file.exists()


def test_who_gives_up_waiting_for_a_detached_start_leaves_nothing(
    settings: RehearsalSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ctrl_c(_pid: int, _file: Path) -> None:
        raise KeyboardInterrupt

    before = psutil.Process().children()
    monkeypatch.setattr(remote, "_connection_of", ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        remote.start_detached(settings)
    assert psutil.Process().children() == before
    assert holder(settings.folder) is None
