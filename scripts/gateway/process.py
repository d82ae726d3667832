"""The gateway's process, from its start to its end. Knows nothing of what it is told.

It stays in the terminal's process group, so that a terminal that closes ends it too. What it writes goes to stderr:
stdout is for the report.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import urllib3
from urllib3.exceptions import HTTPError

from scripts.errors import HalfWay, Refused
from scripts.gateway.order import Place

_SOURCES = Path(__file__).resolve().parents[2] / "app_image"
_STDERR = 2
_START_SECONDS = 20.0
_POLL_SECONDS = 0.05
_ASK_SECONDS = 1.0
_SPARE_SECONDS = 5.0
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


class GatewayProcess:
    """A gateway that was started."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child

    def await_ready(self, url: str) -> None:
        """Returns once it answers. Raises Refused where it ends instead, or takes too long."""
        give_up_at = time.monotonic() + _START_SECONDS
        while not _answers_undisturbed(url):
            if self._child.poll() is not None:
                raise Refused("the gateway did not start; its own message is above")
            if time.monotonic() > give_up_at:
                raise Refused(f"GET {url}/health: no answer {_START_SECONDS:g} s after the gateway's start")
            time.sleep(_POLL_SECONDS)

    def wait(self) -> None:
        """Until it ends by itself. Raises Refused where that was no order."""
        code = self._child.wait()
        if code != 0:
            raise Refused(f"the gateway ended with exit code {code}; its own message is above")

    def stop(self, stop_seconds: float) -> None:
        """Let it answer what is in flight. Raises HalfWay where it had to be killed."""
        self._child.terminate()
        try:
            self._child.wait(stop_seconds + _SPARE_SECONDS)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            raise HalfWay("the gateway was killed; requests that were in flight got no answer") from None


@contextmanager
def started(environment: Mapping[str, str]) -> Iterator[GatewayProcess]:
    """Whatever happens inside, the process does not outlive it."""
    child = subprocess.Popen(
        [sys.executable, "-m", "gateway"],
        cwd=_SOURCES,
        env={**environment, "PYTHONPATH": str(_SOURCES)},
        stdin=subprocess.DEVNULL,
        stdout=_STDERR,
    )
    with child:
        try:
            yield GatewayProcess(child)
        finally:
            child.kill()


def require_free(place: Place) -> None:
    """What already answers there would else be taken for the gateway. Raises Refused."""
    for flag, port in (("--port", place.port), ("--metrics-port", place.metrics_port)):
        try:
            _bind(place.bind, port)
        except OSError as error:
            raise Refused(
                f"cannot listen on {place.bind}:{port}: {error.strerror or error}; choose with {flag} or --bind"
            ) from None


def _bind(address: str, port: int) -> None:
    family, kind, protocol, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(where)


def _answers_undisturbed(url: str) -> bool:
    # Python drops an interrupt that comes while a response is finalized, and a pool's lock stays taken by one that
    # comes between its two steps: here it waits until the question is over.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    try:
        return _answers(url)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _answers(url: str) -> bool:
    try:
        with urllib3.PoolManager(retries=False, timeout=_ASK_SECONDS) as pool:
            return pool.request("GET", f"{url}/health").status == 200
    except HTTPError:
        return False
