"""The g5 hosts: moto's auto scaling group, driven as the capacity provider's managed scaling drives it in AWS."""

from collections.abc import Sequence
from typing import Any

from rehearsal.cloud.backends import Backends
from rehearsal.ecs import decide
from rehearsal.ecs.model import Host, Task


class Hosts:
    """The container instances of the cluster. `launchable` says whether EC2 has more of them now."""

    def __init__(self, backends: Backends, boot_seconds: float, idle_seconds: float, gpus_per_host: int) -> None:
        self._backends = backends
        self._boot_seconds = boot_seconds
        self._idle_seconds = idle_seconds
        self._gpus_per_host = gpus_per_host
        self._group_name = ""
        self._maximum_before: int | None = None
        self.launchable = True
        self.all: list[Host] = []

    def attach(self, group_name: str) -> None:
        self._group_name = group_name

    def scale(self, tasks: Sequence[Task], now: float) -> None:
        """One step of managed scaling: launch for tasks that wait, take away what is empty."""
        group = self._backends.autoscaling_group(self._group_name)
        if group is None:
            return
        wanted = decide.hosts_wanted(tasks, self._gpus_per_host, int(group.min_size), int(group.max_size))
        usable = [host for host in self.all if host.lost_since is None]
        if wanted > len(usable) and self.launchable:
            self._backends.autoscaling.set_desired_capacity(self._group_name, wanted + len(self.all) - len(usable))
        self._note_empty(tasks, now)
        for host in decide.removable(usable, tasks, wanted, self._idle_seconds, now):
            self.terminate(host)
        self._adopt(group, now)

    def terminate(self, host: Host) -> None:
        self._backends.autoscaling.terminate_instance(host.id, True)
        self.all.remove(host)

    def hold_maximum(self) -> None:
        """The fault `no-free-gpu`: the group may grow no further than it is."""
        group = self._backends.autoscaling_group(self._group_name)
        if group is not None and self._maximum_before is None:
            self._maximum_before = int(group.max_size)
            group.max_size = max(len(self.all), int(group.min_size))

    def release_maximum(self) -> None:
        group = self._backends.autoscaling_group(self._group_name)
        if group is not None and self._maximum_before is not None:
            group.max_size, self._maximum_before = self._maximum_before, None

    def _adopt(self, group: Any, now: float) -> None:
        known = {host.id for host in self.all}
        for state in group.instance_states:
            instance = state.instance
            if instance.id not in known:
                zone = getattr(instance, "availability_zone", "") or self._backends.region + "a"
                self.all.append(Host(instance.id, zone, self._gpus_per_host, now))
        for host in self.all:
            host.active = host.active or now - host.launched >= self._boot_seconds

    def _note_empty(self, tasks: Sequence[Task], now: float) -> None:
        busy = {task.host for task in tasks if task.phase.alive}
        for host in self.all:
            if host.id in busy or not host.active:
                host.empty_since = None
            elif host.empty_since is None:
                host.empty_since = now
