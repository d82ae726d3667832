"""What to do next, from what is wanted and what is there. Pure: nothing here starts, stops or reads anything.

Follows the ECS developer guide: a deployment starts new tasks up to `maximumPercent` and stops old ones down to
`minimumHealthyPercent`; a target is deregistered first, SIGTERM comes when its delay is over, SIGKILL
`stopTimeout` later.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rehearsal.ecs.model import Deployment, Host, Phase, Task, Wanted

# ECS's circuit breaker: half of the desired count, at least 3, at most 200 (developer guide, "failure detection").
BREAKER_FEWEST, BREAKER_MOST = 3, 200


@dataclass(frozen=True)
class Changes:
    """Tasks to create (a count) and tasks to take out of service, with the reason."""

    create: int
    stop: tuple[Task, ...]
    reason: str


def changes(wanted: Wanted, tasks: Sequence[Task], deployment: Deployment, now: float) -> Changes:
    """Bring a service's tasks towards what is wanted."""
    current = [t for t in tasks if t.phase.wanted and t.deployment == deployment.id]
    old = [t for t in tasks if t.phase.wanted and t.deployment != deployment.id]
    surplus = len(current) - wanted.desired
    if surplus > 0:
        return Changes(
            0, tuple(_least_useful(current)[:surplus]), f"Scaling activity initiated by (deployment {deployment.id})"
        )
    room = max(0, wanted.most - sum(t.phase.alive for t in tasks)) if old else -surplus
    create = min(-surplus, room) if now >= deployment.next_start and not broken(wanted, deployment) else 0
    return Changes(create, _replaceable(wanted, current, old), "Task replaced by a newer deployment")


def broken(wanted: Wanted, deployment: Deployment) -> bool:
    """Whether ECS's circuit breaker has given the deployment up."""
    limit = min(BREAKER_MOST, max(BREAKER_FEWEST, math.ceil(wanted.desired * 0.5)))
    return deployment.failed_tasks >= limit


def backoff_seconds(failed_tasks: int) -> float:
    """How long ECS waits before it tries again after tasks failed to start."""
    return float(min(8.0, 0.25 * 2**failed_tasks))


def placement(task: Task, tasks: Iterable[Task], hosts: Iterable[Host]) -> str | None:
    """The host for a task that needs a GPU: the active one with the most free GPUs, None while all are taken."""
    free = free_gpus(tasks, hosts)
    best = max(free, key=lambda host: free[host], default=None)
    return best if best is not None and free[best] > 0 else None


def free_gpus(tasks: Iterable[Task], hosts: Iterable[Host]) -> dict[str, int]:
    """Free GPUs of each active host. A task holds its GPU until it has stopped."""
    used: dict[str, int] = {}
    for task in tasks:
        if task.host is not None and task.phase.alive:
            used[task.host] = used.get(task.host, 0) + 1
    return {host.id: host.gpus - used.get(host.id, 0) for host in hosts if host.active and host.lost_since is None}


def hosts_wanted(tasks: Iterable[Task], gpus_per_host: int, minimum: int, maximum: int) -> int:
    """What the capacity provider's managed scaling asks of the auto scaling group."""
    gpus = sum(1 for task in tasks if task.revision.needs_gpu and task.phase.alive)
    return min(maximum, max(minimum, math.ceil(gpus / gpus_per_host)))


def removable(hosts: Sequence[Host], tasks: Iterable[Task], wanted: int, idle_seconds: float, now: float) -> list[Host]:
    """Hosts that managed scaling takes away: empty for a while, and more than wanted."""
    busy = {task.host for task in tasks if task.phase.alive}
    empty = [h for h in hosts if h.id not in busy and h.empty_since is not None and now - h.empty_since >= idle_seconds]
    return empty[: max(0, len(hosts) - wanted)]


def _replaceable(wanted: Wanted, current: Sequence[Task], old: Sequence[Task]) -> tuple[Task, ...]:
    healthy_new = sum(1 for t in current if t.phase is Phase.RUNNING and (t.healthy or not wanted.target_groups))
    spare = healthy_new + len(old) - wanted.fewest
    return tuple(_least_useful(old)[: max(0, min(spare, len(old)))])


def _least_useful(tasks: Sequence[Task]) -> list[Task]:
    order = [Phase.WAITING, Phase.STARTING, Phase.RUNNING]
    return sorted(tasks, key=lambda t: (order.index(t.phase), t.healthy is True, t.created))
