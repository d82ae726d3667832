"""Looks at a running gateway: what it holds, when it should hold nothing."""

import http.client
import json
import time
from dataclasses import dataclass

from benchmarks.gateway.processes import Server

_QUIET_SECONDS = 15.0


@dataclass(frozen=True)
class Look:
    """At a gateway at rest. `in_flight` and `upstream` are what is still open in it and in its upstream."""

    when: str
    memory_mb: float
    descriptors: int
    tasks: int
    objects: int
    in_flight: int
    upstream: int


@dataclass(frozen=True)
class Watching:
    """All that can be seen of a gateway from outside, and what benchmarks.gateway.inspected tells."""

    server: Server
    inside_port: int
    metrics_port: int
    mock_port: int

    def look(self, when: str) -> Look:
        """Waits up to _QUIET_SECONDS until nothing is in flight."""
        give_up_at = time.perf_counter() + _QUIET_SECONDS
        while self._in_flight() + self._upstream() and time.perf_counter() < give_up_at:
            time.sleep(0.1)
        inside = json.loads(_get(self.inside_port, "/"))
        memory_mb = self.server.memory_bytes() / 1e6
        return Look(
            when, memory_mb, self.server.descriptors(), inside["tasks"], inside["objects"], self._in_flight(),
            self._upstream(),
        )  # fmt: skip

    def _in_flight(self) -> int:
        lines = _get(self.metrics_port, "/metrics").splitlines()
        return int(sum(float(line.split()[-1]) for line in lines if line.startswith("switchyard_in_flight")))

    def _upstream(self) -> int:
        return int(_get(self.mock_port, "/open"))


def _get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()
