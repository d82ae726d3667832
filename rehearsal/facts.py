"""What a run can say about itself: resources realised, permissions, memory. Gathered, not judged."""

import threading
from contextlib import suppress
from typing import Any

import psutil

from rehearsal.cloud import permissions
from rehearsal.cloud.backends import Backends
from rehearsal.cloud.server import Cloud
from rehearsal.ground import ENVIRONMENT
from scripts.roles import Role
from stacks.naming import Names, Part

_SAMPLE_SECONDS = 3.0
# Of gateway tasks; vLLM's call nothing, and the collectors beside both are not run here.
_GATEWAY = f"{Part.API}-task"
# The owner is a person with credentials of their own; the program makes no role for them.
_ROLES: tuple[str, ...] = (Role.DEPLOYER, Role.OPERATOR, _GATEWAY)


class Facts:
    """Watches memory from its making on; the rest is read when asked."""

    def __init__(self, cloud: Cloud, backends: Backends, provisioned: dict[str, Any]) -> None:
        self._cloud, self._backends, self._provisioned = cloud, backends, provisioned
        self._peak_bytes = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def gather(self) -> dict[str, Any]:
        realised = self._provisioned["realised"]
        return {
            "resources": {"realised": sum(realised.values()), "accepted_only": self._provisioned["accepted_only"]},
            "permissions": self._permissions(),
            "provisioning_seconds": self._provisioned["seconds"],
            "peak_memory_mb": round(self._peak_bytes / 1e6),
        }

    def _permissions(self) -> dict[str, Any]:
        """By role. What the operator shares with the deployer and does not use is the deployer's to use."""
        names = Names(ENVIRONMENT)
        with self._cloud.lock:
            documents = {role: self._backends.role_policies(names.role(role)) for role in _ROLES}
        found = {role: permissions.check(self._cloud.calls.needs(role), documents[role]) for role in _ROLES}
        shared = permissions.allowed_actions(documents[Role.DEPLOYER])
        unused = {role: set(found[role].unused) for role in _ROLES}
        unused[Role.OPERATOR] -= shared
        return {str(r): {"denied": list(found[r].denied), "unused": sorted(unused[r])} for r in _ROLES}

    def _watch(self) -> None:
        while not self._stopping.wait(_SAMPLE_SECONDS):
            self._peak_bytes = max(self._peak_bytes, _proportional_bytes())


def _proportional_bytes() -> int:
    """Proportional set size of this process and its descendants: shared pages count once."""
    total = 0
    own = psutil.Process()
    for process in [own, *own.children(recursive=True)]:
        with suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total
