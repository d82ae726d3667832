"""One Envoy process: its files, its start and stop, and what its health checks say."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import urllib3

from rehearsal.balancer import envoy
from rehearsal.balancer.envoy import NodePlace
from rehearsal.balancer.model import Endpoint, Group, LoadBalancer
from rehearsal.balancer.targets import TargetState
from rehearsal.errors import StartFailed
from rehearsal.processes import ProcessRegistry, base_environment, stop, wait_until

_START_SECONDS = 15.0
_PATIENCE = urllib3.Timeout(total=2.0)


class Node:
    """A node of a load balancer. `delay_seconds` is how late it applies a change of rules."""

    def __init__(self, place: NodePlace, registry: ProcessRegistry, log: Path) -> None:
        self.place = place
        self.delay_seconds = 0.0
        self._registry, self._log = registry, log
        self._admin = urllib3.HTTPConnectionPool(place.admin.address, place.admin.port, maxsize=1, timeout=_PATIENCE)
        self._process: subprocess.Popen[bytes] | None = None
        self._written: dict[str, str] = {}
        self._queued: dict[str, deque[tuple[float, str]]] = {}

    def start(self, balancer: LoadBalancer) -> None:
        """Write everything at once and start Envoy. Raises StartFailed with the end of its log."""
        self.place.folder.mkdir(parents=True, exist_ok=True)
        self.follow_rules(balancer)
        self.apply_due(float("inf"))
        self.follow_groups(balancer, {})
        boot = self.place.folder / "bootstrap.json"
        boot.write_text(json.dumps(envoy.bootstrap(balancer, self.place)))
        argv = [_executable(), "-c", str(boot), "--concurrency", "1", "--disable-hot-restart", "-l", "warning"]
        self._process = self._registry.start(
            argv, environment=base_environment(), working_directory=self.place.folder, log=self._log
        )
        if not wait_until(self._ready, _START_SECONDS):
            raise StartFailed(f"Envoy {self.place.name} did not come up; the end of {self._log}:\n{_tail(self._log)}")

    def stop(self) -> None:
        self._admin.close()
        if self._process is not None:
            stop(self._process, patience_seconds=2.0)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def follow_rules(self, balancer: LoadBalancer) -> None:
        """Queue the rules of each listener for the moment when this node applies them."""
        for listener in balancer.listeners:
            name = envoy.route_name(listener.port)
            text = envoy.discovery(envoy.routes(listener))
            queue = self._queued.setdefault(name, deque())
            if text != (queue[-1][1] if queue else self._written.get(name)):
                queue.append((time.monotonic() + self.delay_seconds, text))

    def apply_due(self, now: float) -> None:
        for name, queue in self._queued.items():
            while queue and queue[0][0] <= now:
                self._write(name, queue.popleft()[1])

    def follow_groups(self, balancer: LoadBalancer, targets: dict[str, list[Endpoint]]) -> None:
        """Clusters and their endpoints apply at once. `targets` maps group ARN to registered targets."""
        for group in balancer.groups:
            text = envoy.discovery(envoy.endpoints(group, targets.get(group.arn, [])))
            self._write(envoy.endpoints_name(group.name), text)
        clusters = [envoy.cluster(group, self.place, balancer.idle_timeout_seconds) for group in balancer.groups]
        self._write("clusters", envoy.discovery(*clusters))

    def health(self, groups: tuple[Group, ...]) -> dict[str, dict[Endpoint, TargetState]]:
        """What this node's checks say, by group ARN; nothing while its admin page does not answer."""
        try:
            answer = self._admin.request("GET", "/clusters?format=json", retries=False)
            statuses = json.loads(answer.data).get("cluster_statuses", [])
        except (urllib3.exceptions.HTTPError, ValueError):
            return {}
        arns = {group.name: group.arn for group in groups}
        return {arns[s["name"]]: _states(s) for s in statuses if s["name"] in arns}

    def _ready(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise StartFailed(f"Envoy {self.place.name} ended at once; the end of {self._log}:\n{_tail(self._log)}")
        try:
            live = bool(self._admin.request("GET", "/ready", retries=False).status == 200)
        except urllib3.exceptions.HTTPError:
            return False
        return live and all(map(_accepts, self.place.doors.values()))

    def _write(self, name: str, text: str) -> None:
        if self._written.get(name) == text:
            return
        # Envoy notices a file that is moved into the watched directory, not one that is written in place.
        temporary = self.place.folder / f".{name}.tmp"
        temporary.write_text(text)
        temporary.rename(self.place.folder / f"{name}.json")
        self._written[name] = text


def _accepts(door: Endpoint) -> bool:
    """Envoy calls itself ready a moment before its listeners are open."""
    try:
        with socket.create_connection((door.address, door.port), timeout=1):
            return True
    except OSError:
        return False


def _states(status: dict[str, Any]) -> dict[Endpoint, TargetState]:
    found = {}
    for host in status.get("host_statuses", []):
        address = host["address"]["socket_address"]
        found[Endpoint(address["address"], address["port_value"])] = _state(host.get("health_status", {}))
    return found


def _state(health: dict[str, Any]) -> TargetState:
    if health.get("pending_active_hc"):
        return TargetState.INITIAL
    return TargetState.UNHEALTHY if health.get("failed_active_health_check") else TargetState.HEALTHY


def _executable() -> str:
    beside = Path(sys.executable).parent / "envoy"
    found = str(beside) if beside.exists() else shutil.which("envoy")
    if found is None:
        raise StartFailed("Envoy is not installed: run `make setup`")
    return found


def _tail(log: Path, lines: int = 10) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"
