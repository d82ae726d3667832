"""What AWS answers, in the kit's words. Plain values: nothing here calls AWS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# ECS and Elastic Load Balancing answer reads from replicas; what was written may be missing for this long.
STALE_READ_SECONDS = 3.0


@dataclass(frozen=True)
class Hidden:
    """A parameter that only AWS may see: it prints as nothing, and is revealed where the call is made."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        return "<not shown>"


@dataclass(frozen=True)
class Call:
    """One AWS call that changes something: what `plan` prints and what the runner executes is the same object."""

    service: str
    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """A listener rule. `actions` is the full list: ModifyRule replaces all of it."""

    arn: str
    actions: tuple[Mapping[str, Any], ...]
    conditions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Target:
    """One target of a target group."""

    address: str
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Deployment:
    """One revision of a service, or the same one anew, on its way in or out."""

    status: str
    definition: str
    desired: int
    running: int
    rollout: str
    reason: str = ""
    id: str = ""


@dataclass(frozen=True)
class Service:
    """One ECS service. `definition` is an ARN."""

    name: str
    definition: str
    desired: int
    running: int
    pending: int
    deployments: tuple[Deployment, ...] = ()
    last_event: str = ""


@dataclass(frozen=True)
class Task:
    """One task. `reason` is why it stopped, with the exit code where there is one.

    `deployment` is the id of the deployment that started it, `created` when; a task reads its secrets after that.
    """

    arn: str
    definition: str
    status: str
    address: str | None = None
    reason: str = ""
    deployment: str = ""
    created: datetime | None = None


@dataclass(frozen=True)
class Definition:
    """A task definition. `body` is what RegisterTaskDefinition takes, every field of it, known to us or not."""

    arn: str
    body: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Image:
    """An image in the registry. `platforms` (`os/architecture`) is None where the registry does not state it."""

    digest: str
    platforms: tuple[str, ...] | None


@dataclass(frozen=True)
class Host:
    """An EC2 instance of the cluster. `zone` is empty where ECS does not say."""

    instance_id: str
    active: bool
    gpus: int
    free_gpus: int
    tasks: int
    zone: str = ""


@dataclass(frozen=True)
class CapacityReservation:
    """Hosts that EC2 keeps for us in one zone and bills whether they run or not. `end` is None where it has none."""

    id: str
    zone: str
    hosts: int
    free_hosts: int
    tags: Mapping[str, str]
    end: datetime | None
    state: str = "active"


@dataclass(frozen=True)
class Group:
    """The auto scaling group of the GPU hosts."""

    minimum: int
    desired: int
    maximum: int


@dataclass(frozen=True)
class Alarm:
    """An alarm that rings."""

    name: str
    reason: str
    blocks_release: bool
