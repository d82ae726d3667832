"""ECS as a release meets it, moved by the fake clock: tasks start, become healthy, crash, drain; hosts come."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from scripts.aws.model import Definition, Deployment, Host, Service, Target, Task
from stacks.manifest import Manifest
from stacks.naming import Colour, Part
from tests.scripts.fake_clock import START

Slot = tuple[Part, Colour]
START_SECONDS, DRAIN_SECONDS = 4.0, 8.0


@dataclass
class FakeTask:
    """One task of a slot. `read` is what the secrets held when it began, by ARN."""

    arn: str
    address: str
    definition: str
    deployment: str
    began: float
    read: dict[str, str] = field(default_factory=dict)
    stopping: float | None = None


@dataclass
class FakeService:
    """One slot's service."""

    definition: str
    deployment: str = "ecs-svc/0"
    desired: int = 0
    tasks: list[FakeTask] = field(default_factory=list)
    stopped: list[Task] = field(default_factory=list)
    bounds: tuple[int, int] = (0, 0)
    scale_in: bool = True


class FakeEcs:
    """`crashes` and `never_healthy` are image digests, `sick` are addresses of tasks.

    `host_limit` is how many hosts can be launched. `secrets` are values by ARN; a task reads them when it begins.
    """

    def __init__(self, manifest: Manifest, definitions: dict[str, Definition]) -> None:
        self.manifest = manifest
        self.definitions = definitions
        self.slots = {(part, colour): FakeService(self._template(part)) for part in Part for colour in Colour}
        self.hosts = 0
        self.host_limit = manifest.capacity.maximum_hosts
        self.crashes: set[str] = set()
        self.never_healthy: set[str] = set()
        self.sick: set[str] = set()
        self.secrets: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def update(self, parameters: Mapping[str, Any]) -> str:
        """Answers the id of the primary deployment: a new one for another definition, or where one is forced."""
        slot = next(s for s in self.slots if self.manifest.slot(*s).service == parameters["service"])
        service = self.slots[slot]
        service.desired = parameters.get("desiredCount", service.desired)
        definition = parameters.get("taskDefinition", service.definition)
        if definition != service.definition or parameters.get("forceNewDeployment"):
            service.definition, service.deployment = definition, f"ecs-svc/{next(self._numbers)}"
        return service.deployment

    def register(self, parameters: Mapping[str, Any]) -> str:
        body = {key: value for key, value in parameters.items() if key != "tags"}
        arn = f"arn:aws:ecs:us-east-1:123456789012:task-definition/{body['family']}:{next(self._numbers)}"
        tags = {tag["key"]: tag["value"] for tag in parameters.get("tags", ())}
        self.definitions[arn] = Definition(arn, body, tags)
        return arn

    def move(self, now: float) -> None:
        """Bring every service nearer to what is wanted of it."""
        for (part, _), service in self.slots.items():
            service.tasks = [t for t in service.tasks if t.stopping is None or now - t.stopping < DRAIN_SECONDS]
            self._crash(service, now)
            wanted = [t for t in service.tasks if t.stopping is None and t.deployment == service.deployment]
            for task in [*wanted[service.desired :], *self._replaced(service, wanted, now)]:
                task.stopping = now
            for _number in range(service.desired - len(wanted)):
                self._start(part, service, now)
        self._take_hosts_away()

    def service(self, slot: Slot, now: float) -> Service:
        service, ours = self.slots[slot], self._running(slot, now)
        current = [t for t in ours if t.deployment == service.deployment]
        deployment = Deployment(
            "PRIMARY", service.definition, service.desired, len(current), "IN_PROGRESS", id=service.deployment
        )
        pending = len([t for t in service.tasks if t.stopping is None]) - len(current)
        name = self.manifest.slot(*slot).service
        return Service(name, service.definition, service.desired, len(ours), max(0, pending), (deployment,))

    def tasks(self, slot: Slot, now: float) -> tuple[Task, ...]:
        return tuple(_seen(t, "RUNNING") for t in self._running(slot, now))

    def targets(self, slot: Slot, now: float) -> tuple[Target, ...]:
        tasks = self.slots[slot].tasks
        return tuple(Target(t.address, self._health(t)) for t in tasks if now - t.began >= START_SECONDS)

    def ended(self, slot: Slot) -> tuple[Task, ...]:
        """As ECS lists them: those that drain are no longer counted as running, but they still answer."""
        service = self.slots[slot]
        draining = [_seen(t, "DEACTIVATING") for t in service.tasks if t.stopping]
        return (*draining, *service.stopped)

    def running_hosts(self) -> tuple[Host, ...]:
        busy = sum(len(self.slots[Part.VLLM, colour].tasks) for colour in Colour)
        zones = self.manifest.capacity.zones
        return tuple(
            Host(f"i-{n}", True, 1, int(n >= busy), int(n < busy), zones[n % len(zones)]) for n in range(self.hosts)
        )

    def variables(self, slot: Slot) -> dict[str, str]:
        body = self.definitions[self.slots[slot].definition].body
        return {entry["name"]: entry["value"] for entry in body["containerDefinitions"][0].get("environment", ())}

    def healthy(self, slot: Slot, now: float) -> int:
        return sum(target.state == "healthy" for target in self.targets(slot, now))

    def serving(self, slot: Slot, now: float) -> list[FakeTask]:
        """Tasks that answer: the healthy ones, and those that drain."""
        tasks = self.slots[slot].tasks
        return [t for t in tasks if now - t.began >= START_SECONDS and self._health(t) != "unhealthy"]

    def _replaced(self, service: FakeService, wanted: list[FakeTask], now: float) -> list[FakeTask]:
        """Tasks of earlier deployments, once as many new ones are healthy as are wanted (100/200)."""
        ready = [t for t in wanted if now - t.began >= START_SECONDS and self._health(t) == "healthy"]
        old = [t for t in service.tasks if t.stopping is None and t not in wanted]
        return old if len(ready) >= service.desired else []

    def _running(self, slot: Slot, now: float) -> list[FakeTask]:
        tasks = self.slots[slot].tasks
        return [t for t in tasks if now - t.began >= START_SECONDS and t.stopping is None]

    def _health(self, task: FakeTask) -> str:
        if task.stopping is not None:
            return "draining"
        bad = task.address in self.sick or self._digest(task) in self.never_healthy
        return "unhealthy" if bad else "healthy"

    def _crash(self, service: FakeService, now: float) -> None:
        for task in [
            t for t in service.tasks if self._digest(t) in self.crashes and now - t.began >= START_SECONDS / 2
        ]:
            service.tasks.remove(task)
            reason = "Essential container in task exited; vllm exited with 1"
            service.stopped.append(replace(_seen(task, "STOPPED"), address=None, reason=reason))

    def _start(self, part: Part, service: FakeService, now: float) -> None:
        if part is Part.VLLM and not self._has_gpu():
            return
        number = next(self._numbers)
        arn, address = f"arn:task/{number}", f"10.0.0.{number}"
        made = FakeTask(arn, address, service.definition, service.deployment, now, dict(self.secrets))
        service.tasks.append(made)

    def _has_gpu(self) -> bool:
        busy = sum(len(self.slots[Part.VLLM, colour].tasks) for colour in Colour)
        if busy >= self.hosts and self.hosts < self.host_limit:
            self.hosts += 1
        return busy < self.hosts

    def _take_hosts_away(self) -> None:
        busy = sum(len(self.slots[Part.VLLM, colour].tasks) for colour in Colour)
        self.hosts = max(busy, min(self.hosts, busy))

    def _digest(self, task: FakeTask) -> str:
        image = self.definitions[task.definition].body["containerDefinitions"][0]["image"]
        return str(image).partition("@")[2]

    def _template(self, part: Part) -> str:
        family = self.manifest.slot(part, Colour.BLUE).template_family
        return next(arn for arn, found in self.definitions.items() if found.body["family"] == family)


def _seen(task: FakeTask, status: str) -> Task:
    created = START + timedelta(seconds=task.began)
    return Task(task.arn, task.definition, status, task.address, deployment=task.deployment, created=created)
