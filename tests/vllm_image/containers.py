"""The container's two commands as processes, with the fake vLLM in vLLM's place, on an address of its own."""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.children import MEASURED

FOLDER = Path(__file__).resolve().parents[2] / "vllm_image"
MODEL, REVISION = "tiny-model", "r1"
FAST = {
    "SWITCHYARD_START_POLL_SECONDS": "0.05",
    "SWITCHYARD_PROBE_INTERVAL_SECONDS": "0.1",
    "SWITCHYARD_PROBE_TIMEOUT_SECONDS": "0.3",
    "SWITCHYARD_PROBE_FAILURES": "2",
}


class Container:
    """launch.py as ECS starts it: in its folder, with `vllm` on PATH."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.address = f"127.{random.randint(64, 250)}.{random.randint(1, 250)}.{random.randint(2, 250)}"
        self._environment = {
            **{name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ},
            "PATH": f"{_folder_with_vllm(folder)}:{os.environ['PATH']}",
            "SWITCHYARD_BIND_ADDRESS": self.address,
            "SWITCHYARD_MODEL": MODEL,
            "SWITCHYARD_MODEL_REVISION": REVISION,
            "SWITCHYARD_MODEL_DIRECTORY": str(_folder_with_model(folder)),
            **MEASURED,
            **FAST,
            **environ,
        }
        self._log = folder / "launch.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "launch.py"], cwd=FOLDER, env=self._environment, stdout=log, stderr=log
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def get(self, path: str, port: int = 8001) -> tuple[int, Any]:
        """Status and JSON body; status 0 when nothing listens."""
        connection = http.client.HTTPConnection(self.address, port, timeout=2)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            return response.status, json.loads(body) if body else None
        except OSError:
            return 0, None
        finally:
            connection.close()

    def question(self, timeout_seconds: float = 5, tokens: int = 24) -> http.client.HTTPConnection:
        """A completion that was sent and not read yet."""
        connection = http.client.HTTPConnection(self.address, 8000, timeout=timeout_seconds)
        body = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}], "max_tokens": tokens}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
        return connection

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.get("/ready")[0] == 200, f"ready; its log:\n{self.log}")

    def probe(self) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "probe.py"]
        return subprocess.run(command, cwd=FOLDER, env=self._environment, text=True, capture_output=True, check=False)

    def vllm(self) -> psutil.Process:
        children = psutil.Process(self.process.pid).children()
        assert len(children) == 1, children
        return children[0]

    def stop(self) -> None:
        if self.process.poll() is None:
            for process in [*psutil.Process(self.process.pid).children(recursive=True), self.process]:
                process.send_signal(signal.SIGKILL)
        self.process.wait()


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)


def _folder_with_vllm(folder: Path) -> Path:
    binaries = folder / "bin"
    binaries.mkdir()
    vllm = binaries / "vllm"
    vllm.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rehearsal.fake_vllm "$@"\n')
    vllm.chmod(0o755)
    return binaries


def _folder_with_model(folder: Path) -> Path:
    models = folder / "models"
    (models / f"{MODEL}@{REVISION}").mkdir(parents=True)
    return models
