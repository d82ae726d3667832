"""What the scheduler knows: services wanted, tasks and hosts there are. Data only; `decide` and `scheduler` act."""

from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """A task's life. A task serves new requests in RUNNING only; DRAINING waits for the load balancer."""

    WAITING = "PROVISIONING"
    STARTING = "PENDING"
    RUNNING = "RUNNING"
    DRAINING = "DEACTIVATING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"

    @property
    def alive(self) -> bool:
        return self is not Phase.STOPPED

    @property
    def wanted(self) -> bool:
        return self in (Phase.WAITING, Phase.STARTING, Phase.RUNNING)


@dataclass(frozen=True)
class HealthCheck:
    """A container's own check, in seconds."""

    command: tuple[str, ...]
    interval_seconds: float
    timeout_seconds: float
    retries: int
    start_seconds: float


@dataclass(frozen=True)
class Revision:
    """A task definition, reduced to what running it takes. `port` is the one that the target group forwards to.

    `task_role` is an ARN, empty where its code may do nothing in AWS.
    """

    arn: str
    container: str
    image: str
    command: tuple[str, ...]
    environment: dict[str, str]
    secrets: dict[str, str]
    port: int
    needs_gpu: bool
    stop_timeout_seconds: float
    health_check: HealthCheck | None
    task_role: str = ""


@dataclass(frozen=True)
class Wanted:
    """One service as the API calls left it."""

    name: str
    revision: Revision
    desired: int
    minimum_percent: int
    maximum_percent: int
    grace_seconds: float
    target_groups: tuple[str, ...]

    @property
    def most(self) -> int:
        """How many tasks may be alive at once."""
        return max(self.desired, self.desired * self.maximum_percent // 100)

    @property
    def fewest(self) -> int:
        """How many tasks a deployment leaves healthy (ECS rounds up)."""
        return -(-self.desired * self.minimum_percent // 100)


@dataclass
class Task:
    """One task. Times are of the monotonic clock; `healthy` is what the target group says (None: no verdict yet).

    `deployment` is the id of the deployment that started it: a forced one replaces tasks of the same revision.
    """

    id: str
    service: str
    revision: Revision
    deployment: str
    address: str
    created: float
    phase: Phase = Phase.WAITING
    since: float = 0.0
    host: str | None = None
    running_since: float | None = None
    healthy: bool | None = None
    was_healthy: bool = False
    failed_checks: int = 0
    exit_code: int | None = None
    reason: str = ""

    def enter(self, phase: Phase, now: float, reason: str = "") -> None:
        self.phase, self.since = phase, now
        if reason and not self.reason:
            self.reason = reason


@dataclass
class Host:
    """One EC2 instance of the auto scaling group, with its GPUs."""

    id: str
    zone: str
    gpus: int
    launched: float
    active: bool = False
    lost_since: float | None = None
    empty_since: float | None = None


@dataclass
class Deployment:
    """What DescribeServices shows of one change of a service: a new revision, or the same one anew."""

    id: str
    revision: str
    created: float
    failed_tasks: int = 0
    next_start: float = 0.0
    stopped_ids: set[str] = field(default_factory=set)
