import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rehearsal.ecs.model import HealthCheck, Revision, Task
from rehearsal.ecs.runner import Runner, Surroundings
from rehearsal.processes import ProcessRegistry, wait_until

ADDRESS = "127.251.16.1"
SERVER = """
import http.server, os
class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(os.environ["GREETING"].encode())
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer((os.environ["SWITCHYARD_BIND_ADDRESS"], 8080), Quiet).serve_forever()
"""


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    secrets = {"arn:greeting": "good morning"}
    surroundings = Surroundings({"gateway": tmp_path}, {}, tmp_path, lambda role: {"AWS_ACCESS_KEY_ID": role})
    yield Runner(ProcessRegistry(tmp_path), surroundings, secrets.get)


@pytest.fixture
def start(runner: Runner) -> Iterator[Callable[..., Task]]:
    started: list[Task] = []

    def make(command: tuple[str, ...], check: HealthCheck | None = None, secret: str = "arn:greeting") -> Task:
        revision = Revision("r:1", "gateway", "x", command, {}, {"GREETING": secret}, 8080, False, 5, check, "api-task")
        task = Task("t1", "api", revision, "ecs-svc/1", ADDRESS, created=0)
        task.reason = runner.start(task, {}, None) or ""
        started.append(task)
        return task

    yield make
    for task in started:
        runner.kill(task)


def fetch(seconds: float) -> bytes:
    with socket.create_connection((ADDRESS, 8080), timeout=seconds) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        connection.settimeout(seconds)
        received = b""
        while part := connection.recv(4096):
            received += part
    return received


def answers() -> bool:
    try:
        return b"good morning" in fetch(1)
    except OSError:
        return False


def test_a_task_listens_on_its_own_address_and_gets_its_secrets(start: Callable[..., Task]) -> None:
    start((sys.executable, "-c", SERVER))
    assert wait_until(answers, 5)


def test_a_secret_without_a_value_is_named_and_nothing_starts(start: Callable[..., Task], runner: Runner) -> None:
    task = start((sys.executable, "-c", SERVER), secret="arn:empty")
    assert task.reason == "ResourceInitializationError: unable to pull secrets: no value for GREETING"
    assert runner.pids() == []


def test_the_exit_code_of_a_killed_process_is_a_containers(start: Callable[..., Task], runner: Runner) -> None:
    task = start((sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert wait_until(lambda: runner.exit_code(task) is not None, 5)
    assert runner.exit_code(task) == 137


def test_a_task_acts_as_its_role_in_aws(start: Callable[..., Task], runner: Runner) -> None:
    code = "import os, sys; sys.exit(0 if os.environ['AWS_ACCESS_KEY_ID'] == 'api-task' else 1)"
    task = start((sys.executable, "-c", code))
    assert wait_until(lambda: runner.exit_code(task) is not None, 5)
    assert runner.exit_code(task) == 0


def test_a_frozen_task_drops_new_connections_too(start: Callable[..., Task], runner: Runner) -> None:
    task = start((sys.executable, "-c", SERVER))
    assert wait_until(answers, 5)
    runner.freeze(task, (8080,))
    with pytest.raises(TimeoutError):
        socket.create_connection((ADDRESS, 8080), timeout=0.5)


@pytest.mark.parametrize(
    ("code", "timeout_seconds", "verdict"),
    [("", 20, True), ("raise SystemExit(1)", 20, False), ("while 1: pass", 0.3, False)],
    ids=["passes", "fails", "runs out of time"],
)
def test_a_container_check_passes_fails_or_runs_out_of_time(
    start: Callable[..., Task], runner: Runner, code: str, timeout_seconds: float, verdict: bool
) -> None:
    check = HealthCheck((sys.executable, "-c", code), 0, timeout_seconds, retries=1, start_seconds=0)
    task = start((sys.executable, "-c", SERVER), check)
    seen: list[bool] = []
    deadline = time.monotonic() + 20
    while not seen and time.monotonic() < deadline:
        result = runner.health(task)
        seen += [] if result is None else [result]
        time.sleep(0.02)
    assert seen == [verdict]
