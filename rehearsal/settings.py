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
    """Times are in seconds. Each of `propagation_seconds` is a node of the public load balancer: how late it applies
    new weights. Reads of ECS, the load balancer and the tables may be old by up to `stale_reads_seconds`. EC2 shows a
    new capacity reservation as pending for `reservation_pending_seconds`.
    """

    folder: Path
    port: int = DEFAULT_PORT
    region: str = "us-east-1"
    propagation_seconds: tuple[float, ...] = (0.2, 1.0)
    stale_reads_seconds: float = 1.0
    reservation_pending_seconds: float = 1.0
    host_boot_seconds: float = 1.5
    host_idle_seconds: float = 2.0
    host_lost_seconds: float = 20.0
    gpu_quota_vcpus: int = 64

    @property
    def nodes(self) -> int:
        return len(self.propagation_seconds)

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
