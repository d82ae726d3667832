"""Processes that are measured: on which core, how soon ready, what CPU and memory they used. Linux only."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.gateway.errors import BenchmarkFailed

READY_SECONDS = 180.0
_POLL_SECONDS = 0.02
_STOP_SECONDS = 10.0
_SHOWN_BYTES = 2000


@dataclass(frozen=True)
class Cores:
    """Who runs where, as sets for sched_setaffinity. With one core all share it, and figures are worth less."""

    server: frozenset[int]
    load: frozenset[int]
    mock: frozenset[int]

    @classmethod
    def of(cls, available: Sequence[int]) -> "Cores":
        """The server has the first core alone; the mock shares the load's only where there are no three."""
        cores = sorted(available)
        return cls(frozenset({cores[0]}), frozenset({cores[min(1, len(cores) - 1)]}), frozenset({cores[-1]}))


@contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """This thread, and what it starts, on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Server:
    """A server process with its children."""

    def __init__(self, process: subprocess.Popen[bytes], start_seconds: float) -> None:
        self._process = process
        self.start_seconds = start_seconds

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu_seconds(self) -> float:
        return sum(sum(found.cpu_times()[:2]) for found in self._family())

    def memory_bytes(self) -> int:
        return sum(found.memory_info().rss for found in self._family())

    def descriptors(self) -> int:
        return sum(found.num_fds() for found in self._family())

    def _family(self) -> list[psutil.Process]:
        parent = psutil.Process(self._process.pid)
        return [parent, *parent.children(recursive=True)]


@contextmanager
def serving(
    command: Sequence[str],
    environment: Mapping[str, str],
    cores: frozenset[int],
    ready: tuple[int, str],
    log: Path,
) -> Iterator[Server]:
    """`ready`: the port and path that answers 200 once it serves. Raises BenchmarkFailed with the end of its log."""
    with log.open("wb") as output:
        started_at = time.perf_counter()
        with pinned(cores):
            process = subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=output, start_new_session=True
            )
        try:
            _wait_until_ready(process, *ready, log)
            yield Server(process, time.perf_counter() - started_at)
        finally:
            _stop(process)


@contextmanager
def mock_upstream(cores: frozenset[int]) -> Iterator[int]:
    """Yields its port."""
    command = [sys.executable, "-m", "benchmarks.gateway.mock"]
    with pinned(cores):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        if process.stdout is None:
            raise BenchmarkFailed("the mock upstream has no output")
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    give_up_at = time.perf_counter() + READY_SECONDS
    while not _is_ready(port, path):
        if process.poll() is not None:
            raise BenchmarkFailed(f"{process.args!r} ended with {process.returncode}: {_end_of(log)}")
        if time.perf_counter() > give_up_at:
            raise BenchmarkFailed(f"{process.args!r} was not ready within {READY_SECONDS:g} s: {_end_of(log)}")
        time.sleep(_POLL_SECONDS)


def _is_ready(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-_SHOWN_BYTES:].strip() or "it said nothing"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Its whole session, for workers outlive a parent that is killed."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
