"""The loop that makes services real: reads what the API calls want, decides, starts and stops processes.

Owns the tasks and the deployments. Everything happens under the cloud's lock, so that what DescribeServices
answers is never half a step.
"""

import signal
import threading
import time
import traceback
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rehearsal.cloud.backends import Backends
from rehearsal.ecs import decide, definitions
from rehearsal.ecs.hosts import Hosts
from rehearsal.ecs.model import Deployment, Phase, Revision, Task, Wanted
from rehearsal.ecs.runner import Runner
from rehearsal.images import Behaviour

TICK_SECONDS = 0.1
_STOPPED_TASKS_VISIBLE_SECONDS = 3600.0
_VLLM_PORTS = (8000, 8001)


class Targets(Protocol):
    """What the scheduler needs of the load balancer: None from `health` once a target is unused."""

    def register(self, group_arn: str, address: str, port: int) -> None: ...
    def deregister(self, group_arn: str, address: str, port: int) -> None: ...
    def health(self, group_arn: str, address: str, port: int) -> str | None: ...


class Scheduler:
    """The ECS scheduler of one cluster."""

    def __init__(
        self,
        *,
        backends: Backends,
        lock: threading.RLock,
        runner: Runner,
        hosts: Hosts,
        targets: Targets,
        new_address: Callable[[], str],
        behaviour: Callable[[Task], Behaviour],
        host_lost_seconds: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backends, self._lock, self._runner, self.hosts, self._targets = backends, lock, runner, hosts, targets
        self._new_address, self._behaviour, self._clock = new_address, behaviour, clock
        self._host_lost_seconds = host_lost_seconds
        self._created_with: dict[str, Mapping[str, Any]] = {}
        self._revisions: dict[str, Revision] = {}
        self.tasks: list[Task] = []
        self.wanted: dict[str, Wanted] = {}
        self.deployments: dict[str, list[Deployment]] = {}
        self.events: dict[str, deque[tuple[float, str]]] = {}
        self.cluster = ""
        # Services whose tasks find no host for as long as they are in here.
        self.held: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="ecs", daemon=True)

    def start(self, cluster: str) -> None:
        self.cluster = cluster
        self._thread.start()

    def stop(self) -> None:
        """Stop scheduling and kill every task."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        for task in self.tasks:
            self._runner.kill(task)

    def created(self, parameters: Mapping[str, Any]) -> None:
        """Note what CreateService said, because moto forgets part of it."""
        self._created_with[parameters["serviceName"]] = parameters

    def updated(self, parameters: Mapping[str, Any]) -> None:
        """Take in what UpdateService said at once, because its answer names the deployment that it began."""
        name, now = str(parameters["service"]).rsplit("/", 1)[-1], self._clock()
        service = next((found for found in self._backends.replicas(self.cluster) if found.name == name), None)
        if service is not None:
            self._refresh(service, now, forced=bool(parameters.get("forceNewDeployment")))

    def tick(self) -> None:
        """One round for every service."""
        now = self._clock()
        for service in self._backends.replicas(self.cluster):
            self._refresh(service, now)
        for task in [t for t in self.tasks if t.phase.alive]:
            self._advance(task, now)
        for wanted in self.wanted.values():
            self._reconcile(wanted, now)
        self.hosts.scale(self.tasks, now)
        self._end_lost_hosts(now)
        self.tasks = [t for t in self.tasks if t.phase.alive or now - t.since < _STOPPED_TASKS_VISIBLE_SECONDS]

    def lose_host(self, service: str) -> str | None:
        """Drop the host of one of the service's tasks off the network. Returns its id, None when there is none."""
        task = next((t for t in self.tasks if t.service == service and t.phase is Phase.RUNNING and t.host), None)
        host = next((h for h in self.hosts.all if task is not None and h.id == task.host), None)
        if host is None:
            return None
        host.lost_since = self._clock()
        for victim in [t for t in self.tasks if t.host == host.id and t.phase.alive]:
            self._runner.freeze(victim, _VLLM_PORTS)
        return host.id

    def running(self, service: str) -> list[Task]:
        return [t for t in self.tasks if t.service == service and t.phase is Phase.RUNNING]

    def signal_children(self, task: Task, number: signal.Signals) -> None:
        self._runner.signal_children(task, number)

    def _loop(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            try:
                with self._lock:
                    self.tick()
            except Exception:  # the loop must outlive a surprise, and the log must show it
                traceback.print_exc()

    def _refresh(self, service: Any, now: float, *, forced: bool = False) -> None:
        definition = self._backends.task_definition(service.task_definition)
        revision = self._revisions.get(definition.arn)
        if revision is None:
            role = str(getattr(definition, "task_role_arn", None) or "")
            revision = definitions.revision(definition.arn, definition.container_definitions, role)
            self._revisions[definition.arn] = revision
        self.wanted[service.name] = definitions.wanted(service, self._created_with.get(service.name, {}), revision)
        history = self.deployments.setdefault(service.name, [])
        if forced or not history or history[0].revision != revision.arn:
            history.insert(0, Deployment(f"ecs-svc/{uuid.uuid4().int % 10**19:019d}", revision.arn, now))

    def _reconcile(self, wanted: Wanted, now: float) -> None:
        tasks = [t for t in self.tasks if t.service == wanted.name]
        step = decide.changes(wanted, tasks, self.deployments[wanted.name][0], now)
        for task in step.stop:
            self._take_out(task, step.reason, now)
        for _ in range(step.create):
            self._create(wanted, self.deployments[wanted.name][0].id, now)

    def _create(self, wanted: Wanted, deployment: str, now: float) -> None:
        task = Task(uuid.uuid4().hex, wanted.name, wanted.revision, deployment, self._new_address(), now, since=now)
        self.tasks.append(task)
        self._event(wanted.name, f"(service {wanted.name}) has started 1 tasks: (task {task.id}).")

    def _advance(self, task: Task, now: float) -> None:
        steps = {
            Phase.WAITING: self._place,
            Phase.STARTING: self._started,
            Phase.RUNNING: self._watch,
            Phase.DRAINING: self._drained,
            Phase.STOPPING: self._stopped,
        }
        steps[task.phase](task, now)

    def _place(self, task: Task, now: float) -> None:
        if task.service in self.held:
            return
        if task.revision.needs_gpu:
            task.host = decide.placement(task, self.tasks, self.hosts.all)
            if task.host is None:
                return
        try:
            behaviour = self._behaviour(task)
            refusal = self._runner.start(task, behaviour.environment, behaviour.command)
        except (OSError, ValueError) as error:  # one container that cannot start must not keep the others from it
            refusal = f"CannotStartContainerError: {error}"
        if refusal:
            self._fail(task, refusal, now)
        else:
            task.enter(Phase.STARTING, now)

    def _started(self, task: Task, now: float) -> None:
        if self._exited(task, now):
            return
        task.running_since = now
        task.enter(Phase.RUNNING, now)
        for group in self.wanted[task.service].target_groups:
            self._targets.register(group, task.address, task.revision.port)

    def _watch(self, task: Task, now: float) -> None:
        if self._exited(task, now):
            return
        states = self._target_states(task)
        task.healthy = None if not states or None in states or "initial" in states else set(states) == {"healthy"}
        task.was_healthy = task.was_healthy or task.healthy is True
        in_grace = now - (task.running_since or now) < self.wanted[task.service].grace_seconds
        verdict = self._runner.health(task)
        if verdict is not None:
            task.failed_checks = 0 if verdict else task.failed_checks + 1
        check = task.revision.health_check
        lost = any(h.id == task.host and h.lost_since is not None for h in self.hosts.all)
        if in_grace or lost:
            return
        if check is not None and task.failed_checks >= check.retries:
            self._give_up(task, "Task failed container health checks", now)
        elif task.healthy is False:
            self._give_up(task, "Task failed ELB health checks", now)

    def _drained(self, task: Task, now: float) -> None:
        if self._runner.exit_code(task) is None:
            if any(state is not None for state in self._target_states(task)):
                return
            if self._runner.connections(task):
                # The load balancer cuts what is still in flight when the deregistration delay ends.
                self._event(task.service, f"(task {task.id}) still had requests when its deregistration delay ended.")
                self._runner.kill(task)
                self._end(task, 137, now)
                return
            self._runner.terminate(task)
        task.enter(Phase.STOPPING, now)

    def _stopped(self, task: Task, now: float) -> None:
        code = self._runner.exit_code(task)
        if code is None and now - task.since < task.revision.stop_timeout_seconds:
            return
        self._runner.kill(task)
        self._end(task, 137 if code is None else code, now)

    def _take_out(self, task: Task, reason: str, now: float) -> None:
        if task.phase is Phase.WAITING:
            task.reason = task.reason or reason
            self._end(task, None, now)
            return
        self._deregister(task)
        if task.phase is Phase.RUNNING:
            task.enter(Phase.DRAINING, now, reason)
        else:
            self._runner.terminate(task)
            task.enter(Phase.STOPPING, now, reason)

    def _give_up(self, task: Task, reason: str, now: float) -> None:
        if not task.was_healthy:
            self._count_failure(task, now)
        self._take_out(task, reason, now)

    def _exited(self, task: Task, now: float) -> bool:
        code = self._runner.exit_code(task)
        if code is None:
            return False
        self._deregister(task)
        self._runner.kill(task)
        task.exit_code = code
        self._fail(task, "Essential container in task exited", now)
        return True

    def _fail(self, task: Task, reason: str, now: float) -> None:
        task.reason = reason
        self._count_failure(task, now)
        self._end(task, task.exit_code, now)
        self._event(task.service, f"(service {task.service}) task {task.id} stopped: {reason}.")

    def _count_failure(self, task: Task, now: float) -> None:
        for deployment in self.deployments.get(task.service, ()):
            if deployment.id == task.deployment and task.id not in deployment.stopped_ids:
                deployment.stopped_ids.add(task.id)
                if not task.was_healthy:
                    deployment.failed_tasks += 1
                    deployment.next_start = now + decide.backoff_seconds(deployment.failed_tasks)

    def _end(self, task: Task, code: int | None, now: float) -> None:
        task.exit_code = code
        task.enter(Phase.STOPPED, now)

    def _end_lost_hosts(self, now: float) -> None:
        for host in [h for h in self.hosts.all if h.lost_since is not None]:
            if now - (host.lost_since or now) < self._host_lost_seconds:
                continue
            for task in [t for t in self.tasks if t.host == host.id and t.phase.alive]:
                self._deregister(task)
                self._runner.kill(task)
                task.reason = f"Host EC2 (instance {host.id}) terminated."
                self._end(task, 137, now)
            self.hosts.terminate(host)

    def _target_states(self, task: Task) -> list[str | None]:
        groups = self.wanted[task.service].target_groups
        return [self._targets.health(group, task.address, task.revision.port) for group in groups]

    def _deregister(self, task: Task) -> None:
        for group in self.wanted[task.service].target_groups:
            self._targets.deregister(group, task.address, task.revision.port)

    def _event(self, service: str, message: str) -> None:
        self.events.setdefault(service, deque(maxlen=100)).appendleft((self._clock(), message))


def counts(tasks: list[Task], service: str, deployment: str | None = None) -> tuple[int, int]:
    """How many tasks of a service, or of one deployment of it, run, and how many are on their way."""
    mine = [t.phase for t in tasks if t.service == service and deployment in (None, t.deployment)]
    return mine.count(Phase.RUNNING), mine.count(Phase.WAITING) + mine.count(Phase.STARTING)
