"""ECS services, their tasks and their targets."""

from collections.abc import Iterable, Mapping
from typing import Any

from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.aws.model import Deployment, Service, Target, Task
from scripts.errors import AwsFailed

_TASKS_A_CALL = 100


def services(clients: Clients, cluster: str, names: Iterable[str]) -> dict[str, Service]:
    """Name -> service. Raises AwsFailed for one that does not exist."""
    wanted = list(names)
    with translated("ecs", "DescribeServices"):
        found = clients.read("ecs").describe_services(cluster=cluster, services=wanted)["services"]
    known = {entry["serviceName"]: _service(entry) for entry in found if entry.get("status") != "INACTIVE"}
    missing = [name for name in wanted if name not in known]
    if missing:
        raise AwsFailed(f"ECS service {', '.join(missing)} does not exist in {cluster}: run `pulumi up`", "Missing")
    return known


def tasks(clients: Clients, cluster: str, service: str, stopped: bool) -> tuple[Task, ...]:
    """The tasks that a service wants, or those that it no longer wants: draining, stopping, and lately stopped."""
    status = "STOPPED" if stopped else "RUNNING"
    found: list[Task] = []
    with translated("ecs", "ListTasks"):
        pages = clients.read("ecs").get_paginator("list_tasks")
        listed = pages.paginate(cluster=cluster, serviceName=service, desiredStatus=status)
        arns = [arn for page in listed for arn in page["taskArns"]]
    for start in range(0, len(arns), _TASKS_A_CALL):
        with translated("ecs", "DescribeTasks"):
            some = arns[start : start + _TASKS_A_CALL]
            answer = clients.read("ecs").describe_tasks(cluster=cluster, tasks=some)
        found += [_task(entry) for entry in answer["tasks"]]
    return tuple(found)


def targets(clients: Clients, target_group_arn: str) -> tuple[Target, ...]:
    with translated("elbv2", "DescribeTargetHealth"):
        found = clients.read("elbv2").describe_target_health(TargetGroupArn=target_group_arn)
    return tuple(
        Target(entry["Target"]["Id"], entry["TargetHealth"]["State"], entry["TargetHealth"].get("Description", ""))
        for entry in found["TargetHealthDescriptions"]
    )


def _service(entry: Mapping[str, Any]) -> Service:
    events = entry.get("events") or [{}]
    return Service(
        name=entry["serviceName"],
        definition=entry.get("taskDefinition", ""),
        desired=entry["desiredCount"],
        running=entry["runningCount"],
        pending=entry["pendingCount"],
        deployments=tuple(_deployment(found) for found in entry.get("deployments", ())),
        last_event=events[0].get("message", ""),
    )


def _deployment(entry: Mapping[str, Any]) -> Deployment:
    return Deployment(
        status=entry.get("status", ""),
        definition=entry.get("taskDefinition", ""),
        desired=entry.get("desiredCount", 0),
        running=entry.get("runningCount", 0),
        rollout=entry.get("rolloutState", ""),
        reason=entry.get("rolloutStateReason", ""),
        id=entry.get("id", ""),
    )


def _task(entry: Mapping[str, Any]) -> Task:
    return Task(
        arn=entry["taskArn"],
        definition=entry["taskDefinitionArn"],
        status=entry["lastStatus"],
        address=_address(entry),
        reason=_reason(entry),
        deployment=entry.get("startedBy", ""),
        created=entry.get("createdAt"),
    )


def _address(entry: Mapping[str, Any]) -> str | None:
    for container in entry.get("containers", ()):
        for interface in container.get("networkInterfaces", ()):
            return str(interface["privateIpv4Address"])
    details = [d for attachment in entry.get("attachments", ()) for d in attachment.get("details", ())]
    return next((d["value"] for d in details if d.get("name") == "privateIPv4Address"), None)


def _reason(entry: Mapping[str, Any]) -> str:
    containers = entry.get("containers", ())
    exits = [f"{c['name']} exited with {c['exitCode']}" for c in containers if c.get("exitCode") is not None]
    why = [c["reason"] for c in containers if c.get("reason")]
    return "; ".join([reason for reason in (entry.get("stoppedReason", ""), *exits, *why) if reason])
