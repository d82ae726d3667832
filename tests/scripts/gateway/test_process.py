import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from scripts.gateway import process
from scripts.gateway.process import GatewayProcess

MAIN_THREAD = threading.main_thread().ident or 0


class Interrupting(BaseHTTPRequestHandler):
    """Interrupts who asks, then answers."""

    answered = 0

    def do_GET(self) -> None:
        signal.pthread_kill(MAIN_THREAD, signal.SIGINT)
        time.sleep(0.1)
        self.send_response(200)
        self.end_headers()
        Interrupting.answered += 1

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@contextmanager
def interrupting() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Interrupting) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_an_interrupt_while_the_gateway_is_asked_comes_when_it_has_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_ASK_SECONDS", 20.0)  # this machine may be busy
    with interrupting() as url, subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        with pytest.raises(KeyboardInterrupt):
            GatewayProcess(child).await_ready(url)
        answered = Interrupting.answered
        child.kill()
    assert answered == 1
