"""Runs vLLM from start to end: signals in, exit code out. What it decides by is in the modules around it."""

import logging
import signal
import subprocess
import threading
from types import FrameType

from vllm_image import child, readiness
from vllm_image.addresses import READY_PORT, VLLM_PORT
from vllm_image.arguments import LaunchPlan
from vllm_image.monitor import Board, Monitor
from vllm_image.ready_server import ReadyServer
from vllm_image.settings import Settings
from vllm_image.upstream import Vllm

_log = logging.getLogger("launch")


class Supervisor:
    """One run of vLLM."""

    def __init__(self, plan: LaunchPlan, settings: Settings) -> None:
        self._plan = plan
        self._board = Board()
        self._is_draining = False
        self._process: subprocess.Popen[bytes] | None = None
        self._killer: threading.Timer | None = None
        self._server = ReadyServer(settings.bind_address, READY_PORT, self._board, settings.timing)
        vllm = Vllm(settings.check_address, VLLM_PORT, plan.model)
        self._monitor = Monitor(vllm, self._board, settings.timing)

    def run(self) -> int:
        """Start vLLM, wait for its end, return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        _log.info("starting: %s", " ".join(self._plan.argv))
        self._process = child.start(self._plan)
        if self._is_draining:
            self._terminate()
        self._server.start()
        self._monitor.start()
        code = child.exit_code(self._process.wait(), self._is_draining)
        child.kill_group(self._process)
        _log.info("vLLM ended; exiting with %d", code)
        return code

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        if self._is_draining:
            return
        self._is_draining = True
        self._board.change(readiness.draining)
        self._monitor.stop()
        self._terminate()

    def _terminate(self) -> None:
        """Send vLLM its one SIGTERM, if it runs: a second would make it give up its drain."""
        if self._process is None or self._killer is not None:
            return
        self._killer = threading.Timer(self._plan.kill_after_seconds, child.kill_group, [self._process])
        self._killer.daemon = True
        self._process.send_signal(signal.SIGTERM)
        self._killer.start()
