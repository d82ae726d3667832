"""Tasks as processes: starts them, runs their containers' checks, stops them, freezes those of a lost host.

Decides nothing: the scheduler says when.
"""

import contextlib
import errno
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from rehearsal.ecs.credentials import Credentials, none
from rehearsal.ecs.model import Task
from rehearsal.processes import ProcessRegistry, base_environment, family, kill_all, send

# More connections than any of our servers keep waiting in its backlog.
_FILL_CONNECTIONS = 300


@dataclass(frozen=True)
class Surroundings:
    """Where containers find what their images would hold. `working_directories` maps container to WORKDIR.

    `credentials` are variables that make a task its role in AWS.
    """

    working_directories: Mapping[str, Path]
    environment: Mapping[str, str]
    logs: Path
    credentials: Credentials = none


@dataclass
class _Running:
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    check: subprocess.Popen[bytes] | None = None
    check_started: float = 0.0
    fillers: tuple[socket.socket, ...] = ()


class Runner:
    """The processes of the tasks, by task id."""

    def __init__(
        self, registry: ProcessRegistry, surroundings: Surroundings, secret: Callable[[str], str | None]
    ) -> None:
        self._registry = registry
        self._surroundings = surroundings
        self._secret = secret
        self._running: dict[str, _Running] = {}

    def start(self, task: Task, additions: Mapping[str, str], command: tuple[str, ...] | None) -> str | None:
        """Start the task's main container. Returns a reason when it cannot start, as ECS would state it."""
        missing = [name for name, ref in task.revision.secrets.items() if self._secret(ref) is None]
        if missing:
            return f"ResourceInitializationError: unable to pull secrets: no value for {', '.join(missing)}"
        environment = self._environment(task, additions)
        process = self._registry.start(
            command or task.revision.command,
            environment=environment,
            working_directory=self._surroundings.working_directories[task.revision.container],
            log=self._surroundings.logs / f"{task.service}-{task.id[:8]}.log",
        )
        self._running[task.id] = _Running(process, environment)
        return None

    def exit_code(self, task: Task) -> int | None:
        """The main process's exit code as a container's (137 for SIGKILL), None while it runs."""
        running = self._running.get(task.id)
        code = running.process.poll() if running else 0
        return 128 - code if code is not None and code < 0 else code

    def terminate(self, task: Task) -> None:
        """SIGTERM to the container's first process, as the agent sends it."""
        if running := self._running.get(task.id):
            with contextlib.suppress(ProcessLookupError):
                running.process.send_signal(signal.SIGTERM)

    def kill(self, task: Task) -> None:
        """SIGKILL to everything in the container."""
        running = self._running.pop(task.id, None)
        if running is None:
            return
        for filler in running.fillers:
            filler.close()
        if running.check is not None:
            running.check.kill()
            running.check.wait()
        kill_all(family(running.process.pid))
        running.process.wait()

    def pids(self) -> list[int]:
        return [running.process.pid for running in self._running.values()]

    def health(self, task: Task) -> bool | None:
        """Advance the container's check. True or False when one has just ended, else None."""
        check, running = task.revision.health_check, self._running.get(task.id)
        if check is None or running is None:
            return None
        now = time.monotonic()
        if running.check is None:
            if now - running.check_started >= check.interval_seconds:
                running.check, running.check_started = self._start_check(task, check.command, running), now
            return None
        verdict = _verdict(running.check, now - running.check_started > check.timeout_seconds)
        if verdict is not None:
            running.check = None
        return verdict

    def freeze(self, task: Task, ports: tuple[int, ...]) -> None:
        """Drop the task off the network: its processes stop, and new connections find a full backlog.

        A full backlog makes the kernel drop the SYN, which is what a caller of a lost host sees.
        """
        if running := self._running.get(task.id):
            for process in family(running.process.pid):
                send(process, signal.SIGSTOP)
            running.fillers = tuple(s for port in ports for s in _fill(task.address, port))

    def signal_children(self, task: Task, number: signal.Signals) -> None:
        """Send a signal to the processes below the first one: vLLM under its launcher."""
        if running := self._running.get(task.id):
            for process in family(running.process.pid)[1:]:
                send(process, number)

    def connections(self, task: Task) -> int:
        """Established connections to the task's serving port: requests in flight once the balancer let go."""
        return sum(
            1
            for c in psutil.net_connections(kind="tcp4")
            if c.status == psutil.CONN_ESTABLISHED and c.laddr == (task.address, task.revision.port)
        )

    def _environment(self, task: Task, additions: Mapping[str, str]) -> dict[str, str]:
        secrets = {name: self._secret(ref) or "" for name, ref in task.revision.secrets.items()}
        host = {"SWITCHYARD_BIND_ADDRESS": task.address}
        role = self._surroundings.credentials(task.revision.task_role)
        inherited = base_environment() | dict(self._surroundings.environment) | dict(role)
        return inherited | task.revision.environment | secrets | host | dict(additions)

    def _start_check(self, task: Task, command: tuple[str, ...], running: _Running) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=self._surroundings.working_directories[task.revision.container],
            env=running.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _verdict(check: subprocess.Popen[bytes], too_late: bool) -> bool | None:
    code = check.poll()
    if code is None and too_late:
        check.kill()
        check.wait()
        return False
    return None if code is None else code == 0


def _fill(address: str, port: int) -> list[socket.socket]:
    fillers = []
    for _ in range(_FILL_CONNECTIONS):
        filler = socket.socket()
        filler.setblocking(False)
        if filler.connect_ex((address, port)) not in (0, errno.EINPROGRESS):
            filler.close()
            break
        fillers.append(filler)
    return fillers
