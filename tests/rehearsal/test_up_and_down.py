"""The rehearsal as people start and end it: in the background, twice, on a taken port, killed, stopped half-way."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import urllib3

from rehearsal import connection
from rehearsal.addresses import free_port
from rehearsal.processes import base_environment, lives, wait_until
from rehearsal.settings import REPOSITORY

pytestmark = pytest.mark.slow

_FAB = str(Path(sys.executable).parent / "fab")


class Terminal:
    """A shell in which one rehearsal folder is chosen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [_FAB, *arguments],
            cwd=REPOSITORY,
            env=base_environment() | {"SWITCHYARD_REHEARSAL_DIR": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        output, said = process.communicate(timeout=180)
        return process.returncode, output + said

    def up(self) -> tuple[int, str]:
        return self.run("rehearsal.up", "--detach", "--port", str(self.port))

    def processes(self) -> list[psutil.Process]:
        """What runs in the folder's name: everything that the rehearsal noted and that still lives."""
        found = []
        for line in (self.folder / "processes.jsonl").read_text().splitlines():
            pid = json.loads(line)["pid"]
            if lives(pid):
                found.append(psutil.Process(pid))
        return found

    def some_processes(self) -> list[psutil.Process]:
        """What runs in the folder's name as soon as the first does, while the rehearsal still starts."""
        file = self.folder / "processes.jsonl"
        assert wait_until(lambda: file.exists() and bool(self.processes()), 60), "it never started anything"
        return self.processes()

    def supervisors(self) -> list[int]:
        """The processes that were told to use the folder."""
        chosen = {"SWITCHYARD_REHEARSAL_DIR": str(self.folder)}
        return [process.pid for process in psutil.process_iter() if chosen.items() <= _environment(process).items()]


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ() if lives(process.pid) else {}
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return {}


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path)
    yield opened
    opened.run("rehearsal.down")


def test_up_prints_how_to_use_it_and_down_leaves_nothing(terminal: Terminal) -> None:
    code, said = terminal.up()
    assert code == 0, said
    assert "fab deploy-green --env rehearsal --api-image sha256:" in said
    running = connection.read(terminal.folder / "connection.json")
    started = terminal.processes()
    assert started
    code, said = terminal.run("rehearsal.down")
    assert (code, "nothing is left running" in said) == (0, True)
    assert [process for process in started if lives(process.pid)] == []
    assert not lives(running.pid)
    assert not (terminal.folder / "connection.json").exists()


def test_a_second_rehearsal_in_the_folder_is_refused(terminal: Terminal) -> None:
    assert terminal.up()[0] == 0
    code, said = terminal.run("rehearsal.up", "--detach", "--port", str(free_port()))
    assert code == 1
    assert "already runs in" in said
    assert "fab rehearsal.down" in said
    assert connection.read(terminal.folder / "connection.json").public_url.endswith(str(terminal.port))


def test_a_taken_port_is_refused_and_nothing_is_left(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", terminal.port)):
        code, said = terminal.up()
    assert code == 1
    assert f"--port {terminal.port + 1}" in said


def test_what_a_killed_rehearsal_left_is_cleared_by_the_next(terminal: Terminal) -> None:
    assert terminal.up()[0] == 0
    os.kill(connection.read(terminal.folder / "connection.json").pid, signal.SIGKILL)
    left = terminal.processes()
    assert left
    code, said = terminal.run("status", "--env", "rehearsal")
    assert code == 1
    assert "fab rehearsal.up" in said
    assert terminal.up()[0] == 0
    assert [process for process in left if lives(process.pid)] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after_seconds", [1.5, 4.0])
def test_a_signal_while_it_starts_leaves_nothing(
    terminal: Terminal, number: signal.Signals, after_seconds: float
) -> None:
    starting = terminal.start("rehearsal.up", "--port", str(terminal.port))
    time.sleep(after_seconds)
    noted = terminal.processes() if (terminal.folder / "processes.jsonl").exists() else []
    starting.send_signal(number)
    starting.communicate(timeout=60)
    assert [process for process in noted if lives(process.pid)] == []
    assert not (terminal.folder / "connection.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_waiting_for_a_detached_one_leaves_nothing(terminal: Terminal, number: signal.Signals) -> None:
    starting = terminal.start("rehearsal.up", "--detach", "--port", str(terminal.port))
    noted = terminal.some_processes()
    starting.send_signal(number)
    starting.communicate(timeout=60)
    assert starting.returncode != 0
    assert [process for process in noted if lives(process.pid)] == []
    assert terminal.supervisors() == []
    assert not (terminal.folder / "connection.json").exists()


def test_down_while_one_starts_ends_it(terminal: Terminal) -> None:
    starting = terminal.start("rehearsal.up", "--port", str(terminal.port))
    noted = terminal.some_processes()
    code, said = terminal.run("rehearsal.down")
    assert (code, "nothing is left running" in said) == (0, True), said
    starting.communicate(timeout=10)
    assert [process for process in noted if lives(process.pid)] == []
    assert not (terminal.folder / "connection.json").exists()


def test_the_printed_curl_gets_an_answer_through_tls(terminal: Terminal) -> None:
    assert terminal.up()[0] == 0
    running = connection.read(terminal.folder / "connection.json")
    pool = urllib3.PoolManager(ca_certs=running.ca_file)
    answer = pool.request("GET", running.public_url + "/v1/models", retries=False)
    assert answer.status == 503, "an environment without a release has nobody to answer, and says so"


def test_the_story_told_short_loses_nothing_and_writes_its_report(terminal: Terminal) -> None:
    code, said = terminal.run("rehearsal.run", "--minutes", "0.9", "--rate", "10", "--port", str(terminal.port))
    assert code == 0, said
    report = json.loads((terminal.folder / "report.json").read_text())
    assert (report["lost"], report["cut_streams"], report["duplicated"]) == (0, 0, 0)
    assert report["requests"] > 50
    assert [step["name"] for step in report["steps"]][:3] == [
        "first release",
        "first switchover",
        "deploy-green: new model",
    ]
    assert report["permissions"]["denied"] == []
    assert report["not_proven"]
    assert "<html" in (terminal.folder / "report.html").read_text()
