"""An ECS cluster without processes or threads: fakes for what the scheduler uses, and a clock that is moved by hand."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from rehearsal.cloud.backends import Backends
from rehearsal.ecs.hosts import Hosts
from rehearsal.ecs.model import Phase, Task
from rehearsal.ecs.runner import Runner
from rehearsal.ecs.scheduler import Scheduler
from rehearsal.images import GOOD

GROUP = "arn:group"
DEREGISTRATION_SECONDS = 5.0
GPU = {"type": "GPU", "value": "1"}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class FakeRunner:
    """Processes that do as they are told. `obedient` ones exit at SIGTERM."""

    def __init__(self) -> None:
        self.exit_codes: dict[str, int] = {}
        self.signals: list[tuple[str, str]] = []
        self.verdicts: dict[str, bool] = {}
        self.refusal: str | None = None
        self.unstartable: set[str] = set()
        self.crash = False
        self.obedient = True
        self.in_flight = 0

    def start(self, task: Task, additions: Mapping[str, str], command: tuple[str, ...] | None) -> str | None:
        if task.service in self.unstartable:
            raise FileNotFoundError("no such command")
        self.signals.append((task.id, "start"))
        if self.crash:
            self.exit_codes[task.id] = 1
        return self.refusal

    def exit_code(self, task: Task) -> int | None:
        return self.exit_codes.get(task.id)

    def terminate(self, task: Task) -> None:
        self.signals.append((task.id, "SIGTERM"))
        if self.obedient:
            self.exit_codes[task.id] = 0

    def kill(self, task: Task) -> None:
        self.signals.append((task.id, "SIGKILL"))

    def health(self, task: Task) -> bool | None:
        return self.verdicts.get(task.id)

    def freeze(self, task: Task, ports: tuple[int, ...]) -> None:
        self.signals.append((task.id, "SIGSTOP"))

    def connections(self, task: Task) -> int:
        return self.in_flight

    def sent(self, task: Task) -> list[str]:
        return [name for identifier, name in self.signals if identifier == task.id]


class FakeTargets:
    """Targets become healthy at once unless `verdict` says otherwise."""

    def __init__(self, clock: Clock) -> None:
        self.verdict = "healthy"
        self._clock = clock
        self.registered: set[str] = set()
        self.draining: dict[str, float] = {}

    def register(self, group_arn: str, address: str, port: int) -> None:
        self.registered.add(address)

    def deregister(self, group_arn: str, address: str, port: int) -> None:
        if address in self.registered:
            self.registered.remove(address)
            self.draining[address] = self._clock.now + DEREGISTRATION_SECONDS

    def health(self, group_arn: str, address: str, port: int) -> str | None:
        if address in self.registered:
            return self.verdict
        return "draining" if self.draining.get(address, 0) > self._clock.now else None


class FakeAutoscaling:
    """An auto scaling group that launches what it is asked for."""

    def __init__(self, maximum: int) -> None:
        self.group = SimpleNamespace(min_size=0, max_size=maximum, instance_states=[])
        self._launched = 0

    def set_desired_capacity(self, name: str, wanted: int) -> None:
        while len(self.group.instance_states) < wanted:
            self._launched += 1
            instance = SimpleNamespace(id=f"i-{self._launched}", availability_zone="us-east-1a")
            self.group.instance_states.append(SimpleNamespace(instance=instance))

    def terminate_instance(self, identifier: str, decrement: bool) -> None:
        states = self.group.instance_states
        states[:] = [state for state in states if state.instance.id != identifier]


class FakeBackends:
    """Services and task definitions as moto would hold them."""

    region = "us-east-1"

    def __init__(self, maximum_hosts: int) -> None:
        self.autoscaling = FakeAutoscaling(maximum_hosts)
        self.all: list[Any] = []
        self.definitions: dict[str, Any] = {}

    def autoscaling_group(self, name: str) -> Any:
        return self.autoscaling.group

    def replicas(self, cluster: str) -> list[Any]:
        return self.all

    def task_definition(self, reference: str) -> Any:
        return self.definitions[reference]


@dataclass
class Cluster:
    """The scheduler with its fakes."""

    maximum_hosts: int = 4
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.runner, self.targets = FakeRunner(), FakeTargets(self.clock)
        self.backends = FakeBackends(self.maximum_hosts)
        self._addresses = iter(f"127.9.0.{n}" for n in range(1, 250))
        typed = cast(Backends, self.backends)
        self.scheduler = Scheduler(
            backends=typed,
            lock=threading.RLock(),
            runner=cast(Runner, self.runner),
            hosts=Hosts(typed, boot_seconds=2, idle_seconds=3, gpus_per_host=1),
            targets=self.targets,
            new_address=lambda: next(self._addresses),
            behaviour=lambda task: GOOD,
            host_lost_seconds=10,
            clock=self.clock,
        )

    def define(self, revision: str, *, gpu: bool = False, **more: Any) -> str:
        container = {
            "name": "gateway",
            "image": "x@sha256:1",
            "portMappings": [{"containerPort": 8080}],
            "stopTimeout": 4,
            "resourceRequirements": [GPU] if gpu else [],
            **more,
        }
        self.backends.definitions[revision] = SimpleNamespace(arn=revision, container_definitions=[container])
        return revision

    def service(self, name: str, revision: str, desired: int, grace_seconds: float = 0) -> Any:
        balancers = [{"targetGroupArn": GROUP}]
        made = SimpleNamespace(name=name, task_definition=revision, desired_count=desired, load_balancers=balancers)
        self.backends.all.append(made)
        self.scheduler.created({"serviceName": name, "healthCheckGracePeriodSeconds": grace_seconds})
        return made

    def run(self, seconds: float) -> None:
        """Let time pass, half a second a tick."""
        for _ in range(int(seconds * 2)):
            self.scheduler.tick()
            self.clock.now += 0.5

    def tasks(self, service: str, phase: Phase | None = None) -> list[Task]:
        return [t for t in self.scheduler.tasks if t.service == service and phase in (None, t.phase)]
