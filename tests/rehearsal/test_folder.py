import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from rehearsal.addresses import free_port
from rehearsal.errors import AlreadyRunning, PortTaken
from rehearsal.folder import check_door, held, holder
from rehearsal.processes import ProcessRegistry, base_environment


def sleeper(folder: Path) -> subprocess.Popen[bytes]:
    code = "import time; time.sleep(60)"
    return ProcessRegistry(folder).start(
        [sys.executable, "-c", code], environment=base_environment(), working_directory=folder, log=folder / "log"
    )


def test_a_second_rehearsal_in_the_folder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with held(tmp_path):
        (tmp_path / "connection.json").write_text(json.dumps({"pid": 42, "started_at": "2026-11-22T03:00:00"}))
        with pytest.raises(AlreadyRunning, match=r"process 42, since 2026-11-22.*fab rehearsal\.down"), held(tmp_path):
            pass
    with held(tmp_path):
        assert not (tmp_path / "connection.json").exists()


def test_who_is_refused_leaves_the_holders_number_in_the_lock(tmp_path: Path) -> None:
    with held(tmp_path):
        with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"), held(tmp_path):
            pass
        assert holder(tmp_path) == os.getpid()
    assert holder(tmp_path) is None


def test_what_a_killed_rehearsal_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    left = sleeper(tmp_path)
    with held(tmp_path):
        assert left.wait(5) == -9


def test_a_stranger_with_the_same_process_number_is_left_alone(tmp_path: Path) -> None:
    own = psutil.Process(os.getpid())
    note = {"pid": own.pid, "created": own.create_time() - 100}
    (tmp_path / "processes.jsonl").write_text(json.dumps(note) + "\n")
    with held(tmp_path):
        assert own.is_running()


def test_a_taken_port_is_named_with_another_to_try() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken, match=f"--port {port + 1}"):
        check_door(["127.0.0.1"], port)
