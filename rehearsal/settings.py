"""How one rehearsal runs on this machine. Owns the only read of its environment variables; the numbers that a
release is decided by are not here but in `stacks/settings/Pulumi.rehearsal.yaml`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8443


@dataclass(frozen=True)
class RehearsalSettings:
    """Times are in seconds. `nodes` is how many Envoys stand for the nodes of the public load balancer."""

    folder: Path
    port: int = DEFAULT_PORT
    region: str = "us-east-1"
    nodes: int = 2
    host_boot_seconds: float = 1.5
    host_idle_seconds: float = 2.0
    host_lost_seconds: float = 20.0
    gpu_quota_vcpus: int = 64
    propagation_seconds: float = 0.0
    stale_reads_seconds: float = 0.0

    @property
    def connection_file(self) -> Path:
        return self.folder / "connection.json"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def generations(self) -> Path:
        return self.folder / "generations.jsonl"


def folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where the rehearsal keeps its state: `$SWITCHYARD_REHEARSAL_DIR`, else `.rehearsal` in the repository."""
    chosen = (os.environ if environment is None else environment).get("SWITCHYARD_REHEARSAL_DIR", "")
    return Path(chosen).resolve() if chosen else REPOSITORY / ".rehearsal"
