"""GET /ready (the load balancer) and GET /live (probe.py) on their own port.

A port of its own, because vLLM's answers nothing while it loads and knows nothing of draining.
"""

import json
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler

from vllm_image import readiness
from vllm_image.errors import AddressTaken
from vllm_image.monitor import Board
from vllm_image.readiness import Verdict
from vllm_image.settings import Timing


class ReadyServer(socketserver.ThreadingTCPServer):
    """The port opens with the object; answers begin with `start`.

    Raises AddressTaken. Plain TCPServer: HTTPServer looks its own name up in DNS when it starts.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: str, port: int, board: Board, timing: Timing) -> None:
        self.board = board
        self.timing = timing
        try:
            super().__init__((address, port), _Handler)
        except OSError as error:
            raise AddressTaken(f"ready port {address}:{port}: cannot be opened: {error.strerror}") from error

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, name="ready", daemon=True).start()

    def verdict(self, path: str) -> Verdict | None:
        condition = self.board.condition
        if path == "/ready":
            return readiness.ready(condition, self.timing)
        if path == "/live":
            return readiness.live(condition, self.timing, time.monotonic())
        return None


class _Handler(BaseHTTPRequestHandler):
    server: ReadyServer
    timeout = 5.0  # a check that does not finish its request must not keep a thread

    def do_GET(self) -> None:
        verdict = self.server.verdict(self.path.partition("?")[0])
        if verdict is None:
            self._answer(404, {"error": f"{self.path}: expected /ready or /live"})
            return
        phase = self.server.board.condition.phase
        self._answer(200 if verdict.is_good else 503, {"ok": verdict.is_good, "phase": phase, "reason": verdict.reason})

    def log_message(self, format: str, *arguments: object) -> None:
        """Checks arrive every few seconds: a line for each would bury what matters."""

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
