"""What the ECS API answers about services, tasks and hosts, in boto3's shape, read from the scheduler."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rehearsal.cloud.additions import AwsError, answer_after, install, wrap
from rehearsal.cloud.backends import ACCOUNT_ID, Backends
from rehearsal.ecs import decide
from rehearsal.ecs.model import Deployment, Host, Phase, Task, Wanted
from rehearsal.ecs.scheduler import Scheduler, counts

_EVENTS_SHOWN = 100


class Views:
    """Renders the scheduler's state for the actions that the kit uses."""

    def __init__(self, scheduler: Scheduler, backends: Backends) -> None:
        self._scheduler = scheduler
        self._backends = backends
        self._arn = f"arn:aws:ecs:{backends.region}:{ACCOUNT_ID}"

    def install(self) -> None:
        wrap("ecs", "create_service", self._scheduler.created)
        answer_after("ecs", "update_service", self.updated_service)
        install(
            "ecs",
            {
                "describe_services": self.describe_services,
                "list_tasks": self.list_tasks,
                "describe_tasks": self.describe_tasks,
                "list_container_instances": self.list_container_instances,
                "describe_container_instances": self.describe_container_instances,
            },
        )

    def updated_service(self, parameters: dict[str, Any]) -> dict[str, Any]:
        self._scheduler.updated(parameters)
        (service,) = self.describe_services({**parameters, "services": [parameters["service"]]})["services"]
        return {"service": service}

    def describe_services(self, wanted: dict[str, Any]) -> dict[str, Any]:
        names = [name.rsplit("/", 1)[-1] for name in wanted.get("services") or []]
        known = {service.name: service for service in self._backends.services(_short(wanted))}
        return {
            "services": [self._service(known[name]) for name in names if name in known],
            "failures": [{"arn": self._service_arn(n), "reason": "MISSING"} for n in names if n not in known],
        }

    def list_tasks(self, wanted: dict[str, Any]) -> dict[str, Any]:
        stopped = wanted.get("desiredStatus", "RUNNING") == "STOPPED"
        service = (wanted.get("serviceName") or "").rsplit("/", 1)[-1]
        mine = [t for t in self._scheduler.tasks if not service or t.service == service]
        return {"taskArns": [self._task_arn(t) for t in mine if t.phase.wanted is not stopped]}

    def describe_tasks(self, wanted: dict[str, Any]) -> dict[str, Any]:
        ids = [reference.rsplit("/", 1)[-1] for reference in wanted.get("tasks") or []]
        known = {task.id: task for task in self._scheduler.tasks}
        return {
            "tasks": [self._task(known[i]) for i in ids if i in known],
            "failures": [{"arn": i, "reason": "MISSING"} for i in ids if i not in known],
        }

    def list_container_instances(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return {"containerInstanceArns": [self._host_arn(h) for h in self._scheduler.hosts.all if h.active]}

    def describe_container_instances(self, wanted: dict[str, Any]) -> dict[str, Any]:
        ids = {reference.rsplit("/", 1)[-1] for reference in wanted.get("containerInstances") or []}
        if not ids:
            raise AwsError("InvalidParameterException", "Container instance IDs must not be empty.")
        found = [h for h in self._scheduler.hosts.all if h.active and h.id in ids]
        return {"containerInstances": [self._host(host) for host in found], "failures": []}

    def _service(self, service: Any) -> dict[str, Any]:
        wanted = self._scheduler.wanted.get(service.name)
        running, pending = counts(self._scheduler.tasks, service.name)
        definition = self._backends.task_definition(service.task_definition).arn
        history = self._scheduler.deployments.get(service.name, [])
        return {
            "serviceArn": self._service_arn(service.name),
            "serviceName": service.name,
            "clusterArn": service.cluster_arn,
            "status": "ACTIVE",
            "desiredCount": int(service.desired_count),
            "runningCount": running,
            "pendingCount": pending,
            "taskDefinition": definition,
            "loadBalancers": service.load_balancers,
            "deployments": [self._deployment(wanted, d, history) for d in self._shown(history)] if wanted else [],
            "events": self._events(service.name),
        }

    def _shown(self, history: list[Deployment]) -> Iterable[Deployment]:
        used = {t.deployment for t in self._scheduler.tasks if t.phase.alive}
        return [d for n, d in enumerate(history) if n == 0 or d.id in used]

    def _deployment(self, wanted: Wanted, deployment: Deployment, history: list[Deployment]) -> dict[str, Any]:
        primary = deployment is history[0]
        running, pending = counts(self._scheduler.tasks, wanted.name, deployment.id)
        desired = wanted.desired if primary else 0
        return {
            "id": deployment.id,
            "status": "PRIMARY" if primary else "ACTIVE",
            "taskDefinition": deployment.revision,
            "desiredCount": desired,
            "runningCount": running,
            "pendingCount": pending,
            "failedTasks": deployment.failed_tasks,
            "createdAt": _wall(deployment.created),
            "updatedAt": datetime.now(UTC),
            "rolloutState": self._rollout(wanted, deployment, running),
            "rolloutStateReason": f"ECS deployment {deployment.id}.",
        }

    def _rollout(self, wanted: Wanted, deployment: Deployment, running: int) -> str:
        if decide.broken(wanted, deployment):
            return "FAILED"
        ours = [t for t in self._scheduler.running(wanted.name) if t.deployment == deployment.id]
        healthy = sum(t.healthy is True for t in ours)
        return "COMPLETED" if running == wanted.desired and healthy >= wanted.desired else "IN_PROGRESS"

    def _events(self, service: str) -> list[dict[str, Any]]:
        shown = list(self._scheduler.events.get(service, ()))[:_EVENTS_SHOWN]
        return [{"id": f"{service}-{at:.6f}", "createdAt": _wall(at), "message": text} for at, text in shown]

    def _task(self, task: Task) -> dict[str, Any]:
        now_stopped = task.phase is Phase.STOPPED
        container = {
            "name": task.revision.container,
            "image": task.revision.image,
            "lastStatus": task.phase.value,
            "networkInterfaces": [{"privateIpv4Address": task.address}],
            **({"exitCode": task.exit_code} if task.exit_code is not None else {}),
        }
        return {
            "taskArn": self._task_arn(task),
            "clusterArn": f"{self._arn}:cluster/{self._scheduler.cluster}",
            "taskDefinitionArn": task.revision.arn,
            "group": f"service:{task.service}",
            "startedBy": task.deployment,
            "lastStatus": task.phase.value,
            "desiredStatus": "RUNNING" if task.phase.wanted else "STOPPED",
            "createdAt": _wall(task.created),
            "containers": [container],
            **({"startedAt": _wall(task.running_since)} if task.running_since else {}),
            **({"stoppedAt": _wall(task.since), "stoppedReason": task.reason} if now_stopped else {}),
            **({"containerInstanceArn": f"{self._instances_arn}/{task.host}"} if task.host else {}),
        }

    def _host(self, host: Host) -> dict[str, Any]:
        free = decide.free_gpus(self._scheduler.tasks, self._scheduler.hosts.all).get(host.id, 0)
        return {
            "containerInstanceArn": self._host_arn(host),
            "ec2InstanceId": host.id,
            "status": "ACTIVE",
            "agentConnected": host.lost_since is None,
            "runningTasksCount": sum(t.host == host.id and t.phase.alive for t in self._scheduler.tasks),
            "registeredResources": [_gpus(host, host.gpus)],
            "remainingResources": [_gpus(host, free)],
            # moto's serializer makes the list of names and values of this.
            "attributes": {"ecs.availability-zone": host.zone},
            "registeredAt": _wall(host.launched),
        }

    @property
    def _instances_arn(self) -> str:
        return f"{self._arn}:container-instance/{self._scheduler.cluster}"

    def _service_arn(self, name: str) -> str:
        return f"{self._arn}:service/{self._scheduler.cluster}/{name}"

    def _task_arn(self, task: Task) -> str:
        return f"{self._arn}:task/{self._scheduler.cluster}/{task.id}"

    def _host_arn(self, host: Host) -> str:
        return f"{self._instances_arn}/{host.id}"


def _short(parameters: dict[str, Any]) -> str:
    return str(parameters.get("cluster", "default")).rsplit("/", 1)[-1]


def _gpus(host: Host, count: int) -> dict[str, Any]:
    return {"name": "GPU", "type": "STRINGSET", "stringSetValue": [f"GPU-{host.id}-{n}" for n in range(count)]}


def _wall(monotonic: float) -> datetime:
    return datetime.fromtimestamp(time.time() - (time.monotonic() - monotonic), UTC)
