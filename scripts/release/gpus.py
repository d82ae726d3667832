"""GPU arithmetic: hosts that a candidate needs besides those there, how many EC2 must prove, what hosts cost. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from scripts.aws.model import CapacityReservation, Host
from stacks.manifest import Capacity


@dataclass(frozen=True)
class Use:
    """GPU hosts that run and that are needed by the tasks wanted."""

    running: int
    needed: int
    hourly_usd: float

    @property
    def surplus_hourly_usd(self) -> float:
        return max(0, self.running - self.needed) * self.hourly_usd


def hosts_to_add(tasks: int, gpus_per_task: int, hosts: Iterable[Host], freed_tasks: int, gpus_per_host: int) -> int:
    """Hosts to launch for `tasks` more tasks, when `freed_tasks` of the present ones stop before.

    A task's GPUs must be on one host.
    """
    if gpus_per_task == 0:
        return 0
    room = sum(host.free_gpus // gpus_per_task for host in hosts if host.active)
    return hosts_for(max(0, tasks - room - freed_tasks), gpus_per_task, gpus_per_host)


def hosts_to_prove(to_add: int, permanent: Iterable[CapacityReservation]) -> int:
    """Of the hosts to launch, those that no permanent reservation of ours has a free place for."""
    return max(0, to_add - sum(found.free_hosts for found in permanent))


def unreserved(hosts: Iterable[Host], ours: Iterable[CapacityReservation]) -> dict[str, int]:
    """Running hosts by zone that use none of our reservations: they move into an open one as soon as it is made.

    Counted, because ECS does not say which host uses which: a foreign host in our reservation hides one of ours.
    """
    running = Counter(host.zone for host in hosts if host.gpus > 0)
    used: Counter[str] = Counter()
    for found in ours:
        used[found.zone] += found.hosts - found.free_hosts
    return dict(running - used)


def hosts_for(tasks: int, gpus_per_task: int, gpus_per_host: int) -> int:
    if gpus_per_task == 0:
        return 0
    tasks_per_host = max(1, gpus_per_host // gpus_per_task)
    return -(-tasks // tasks_per_host)


def use(capacity: Capacity, hosts: Iterable[Host], tasks: int, gpus_per_task: int) -> Use:
    needed = hosts_for(tasks, gpus_per_task, capacity.gpus_per_host)
    return Use(sum(host.gpus > 0 for host in hosts), needed, capacity.hourly_usd)
