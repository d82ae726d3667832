"""launch.py and probe.py as processes, from start to end, around the fake vLLM."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.children import MEASURED
from tests.vllm_image.containers import FOLDER, MODEL, REVISION, Container, wait_until

Start = Callable[..., Container]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Container] = []

    def begin(**environ: str) -> Container:
        started.append(Container(tmp_path, **environ))
        return started[-1]

    yield begin
    for container in started:
        container.stop()


def test_ready_comes_after_loading_and_a_real_completion(start: Start) -> None:
    container = start(FAKE_VLLM="start_seconds=0.5,first_token_seconds=0.4")
    wait_until(lambda: container.get("/ready")[0] != 0, "the ready port is open")
    status, told = container.get("/ready")
    assert (status, told["phase"]) == (503, "loading")
    assert container.probe().returncode == 0
    wait_until(lambda: container.get("/version", port=8000)[0] == 200, "vLLM listens")
    assert container.get("/ready")[0] == 503, "healthy is not ready: nothing was completed yet"
    container.wait_until_ready()
    assert container.get("/live")[0] == 200
    assert container.get("/anything")[0] == 404


def test_stopping_finishes_what_is_in_flight_and_is_not_ready_meanwhile(start: Start) -> None:
    container = start(FAKE_VLLM="token_seconds=0.15", SWITCHYARD_STOP_TIMEOUT_SECONDS="12")
    container.wait_until_ready()
    with closing(container.question(timeout_seconds=10)) as in_flight:
        time.sleep(0.2)
        container.process.send_signal(signal.SIGTERM)
        wait_until(lambda: container.get("/ready")[0] == 503, "not ready")
        assert container.get("/ready")[1]["phase"] == "draining"
        assert container.probe().returncode == 0, "a check that fails now would only cut the drain short"
        with in_flight.getresponse() as answer:
            assert answer.status == 200
            assert json.loads(answer.read())["usage"]["completion_tokens"] == 24
    assert container.process.wait(5) == 0


def test_a_vllm_that_dies_ends_the_container(start: Start) -> None:
    container = start()
    container.wait_until_ready()
    container.vllm().send_signal(signal.SIGKILL)
    assert container.process.wait(2) == 137


def test_a_vllm_that_crashes_while_loading_ends_the_container(start: Start) -> None:
    container = start(FAKE_VLLM="crash=1")
    assert container.process.wait(5) == 1
    assert "CUDA out of memory" in container.log


def test_a_killed_launcher_leaves_no_vllm(start: Start) -> None:
    container = start(FAKE_VLLM="start_seconds=30")
    wait_until(lambda: container.get("/ready")[0] == 503, "vLLM was started")
    vllm = container.vllm()
    container.process.send_signal(signal.SIGKILL)
    psutil.wait_procs([vllm], timeout=3)
    assert not vllm.is_running()


def test_a_hung_vllm_fails_the_check_although_its_health_is_good(start: Start) -> None:
    container = start()
    container.wait_until_ready()
    container.vllm().send_signal(signal.SIGUSR1)
    wait_until(lambda: container.get("/live")[0] == 503, "dead")
    assert container.get("/health", port=8000)[0] == 200
    assert container.get("/ready")[0] == 503
    check = container.probe()
    assert check.returncode == 1
    assert "liveness completions failed in a row" in check.stdout
    container.vllm().send_signal(signal.SIGUSR1)
    wait_until(lambda: container.get("/live")[0] == 200, "alive again")


def test_a_full_queue_does_not_fail_the_check(start: Start) -> None:
    container = start(FAKE_VLLM="max_queue=1,token_seconds=0.1")
    container.wait_until_ready()
    with closing(container.question()):
        started = time.monotonic()
        while time.monotonic() - started < 1.2:
            assert container.get("/live")[0] == 200
            time.sleep(0.1)


def test_a_vllm_with_another_model_never_becomes_ready(start: Start) -> None:
    container = start(FAKE_VLLM="wrong_model=other", SWITCHYARD_START_ALLOWANCE_SECONDS="1.5")
    wait_until(lambda: "does not exist" in str(container.get("/ready")[1]), "the reason is told")
    wait_until(lambda: container.get("/live")[0] == 503, "the allowance is over")
    assert container.probe().returncode == 1


def test_a_container_that_cannot_start_says_why_and_ends(start: Start) -> None:
    container = start(SWITCHYARD_PROFILE="chat", SWITCHYARD_MODEL_DIRECTORY="/nowhere")
    assert container.process.wait(5) == 1
    assert "profile 'chat': expected one of resume-analysis" in container.log
    assert "Traceback" not in container.log


def test_a_model_on_its_way_is_waited_for_and_then_served(start: Start, tmp_path: Path) -> None:
    container = start(SWITCHYARD_MODEL_DIRECTORY=str(tmp_path / "arriving"))
    folder = tmp_path / "arriving" / f"{MODEL}@{REVISION}"
    wait_until(lambda: f"waiting for model folder {folder}" in container.log, "the wait is told")
    assert container.get("/ready")[0] != 200
    assert psutil.Process(container.process.pid).children() == [], "vLLM does not start without its model"
    folder.mkdir(parents=True)
    container.wait_until_ready()


def test_a_model_that_never_comes_ends_the_container_and_says_where_it_should_come_from(
    start: Start, tmp_path: Path
) -> None:
    allowance = {"SWITCHYARD_START_ALLOWANCE_SECONDS": "0.3"}
    container = start(SWITCHYARD_MODEL_DIRECTORY=str(tmp_path / "empty"), **allowance)
    assert container.process.wait(5) == 1
    assert f"model folder {tmp_path}/empty/{MODEL}@{REVISION}: not found after 0.3 s" in container.log
    assert f"model bucket, models/{MODEL}@{REVISION}/" in container.log


def test_being_told_to_stop_ends_the_wait_at_once(start: Start, tmp_path: Path) -> None:
    container = start(SWITCHYARD_MODEL_DIRECTORY=str(tmp_path / "empty"), SWITCHYARD_START_POLL_SECONDS="60")
    wait_until(lambda: "waiting for model folder" in container.log, "it waits")
    container.process.send_signal(signal.SIGTERM)
    assert container.process.wait(2) == 128 + signal.SIGTERM
    assert "Traceback" not in container.log


def test_bad_settings_are_told_before_any_wait(start: Start, tmp_path: Path) -> None:
    stop = {"SWITCHYARD_STOP_TIMEOUT_SECONDS": "1"}
    container = start(SWITCHYARD_MODEL_DIRECTORY=str(tmp_path / "empty"), **stop)
    assert container.process.wait(5) == 1
    assert "SWITCHYARD_STOP_TIMEOUT_SECONDS: 1" in container.log


def test_a_missing_vllm_is_told(start: Start, tmp_path: Path) -> None:
    container = start(PATH=str(tmp_path))
    assert container.process.wait(5) == 1
    assert "vllm: no such executable on PATH" in container.log


def test_a_taken_ready_port_is_told(start: Start, tmp_path: Path) -> None:
    first = start()
    wait_until(lambda: first.get("/ready")[0] == 503, "the port is open")
    (tmp_path / "second").mkdir()
    second = Container(tmp_path / "second", SWITCHYARD_BIND_ADDRESS=first.address)
    assert second.process.wait(5) == 1
    assert f"ready port {first.address}:8001: cannot be opened" in second.log


def test_the_check_fails_where_nothing_listens() -> None:
    nowhere = {"SWITCHYARD_BIND_ADDRESS": "127.63.0.1", **MEASURED}
    check = subprocess.run(
        [sys.executable, "probe.py"], cwd=FOLDER, env=nowhere, text=True, capture_output=True, check=False
    )
    assert check.returncode == 1
    assert "ConnectionRefusedError" in check.stderr
