"""What runs of an environment, found by name alone: it must be seen also when its manifest is gone.

Absence is an answer here and no error: whoever takes an environment down looks again after every stop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.aws.clients import Clients
from scripts.aws.failures import translated, unless

# DescribeServices takes this many.
_SERVICES_A_CALL = 10
_PROTECTION = "deletion_protection.enabled"
_ACCESS_LOGS = "access_logs.s3.enabled"


@dataclass(frozen=True)
class StandingService:
    """An ECS service whose count can be set. `bounds` are autoscaling's, None where it has no scalable target."""

    name: str
    desired: int
    running: int
    bounds: tuple[int, int] | None


@dataclass(frozen=True)
class StandingGroup:
    """The group of the hosts, and which of them are protected from scale-in."""

    name: str
    minimum: int
    desired: int
    maximum: int
    hosts: int
    protects_new: bool
    protected_hosts: tuple[str, ...]


@dataclass(frozen=True)
class StandingBalancer:
    """A load balancer; `logs` where it still writes access logs."""

    name: str
    arn: str
    protected: bool
    logs: bool


def services(clients: Clients, cluster: str) -> tuple[StandingService, ...]:
    """A daemon's count follows the hosts and cannot be set, so daemons are left out."""
    absent: list[str] = []
    arns = unless(("ClusterNotFoundException",), lambda: _service_arns(clients, cluster), absent)
    found: list[dict[str, Any]] = []
    for start in range(0, len(arns), _SERVICES_A_CALL):
        with translated("ecs", "DescribeServices"):
            some = arns[start : start + _SERVICES_A_CALL]
            found += clients.read("ecs").describe_services(cluster=cluster, services=some)["services"]
    kept = [e for e in found if e["status"] == "ACTIVE" and e.get("schedulingStrategy") != "DAEMON"]
    bounds = _bounds(clients, [f"service/{cluster}/{entry['serviceName']}" for entry in kept])
    return tuple(
        StandingService(
            entry["serviceName"],
            entry["desiredCount"],
            entry["runningCount"],
            bounds.get(f"service/{cluster}/{entry['serviceName']}"),
        )
        for entry in sorted(kept, key=lambda entry: str(entry["serviceName"]))
    )


def group(clients: Clients, name: str) -> StandingGroup | None:
    with translated("autoscaling", "DescribeAutoScalingGroups"):
        found = clients.read("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    for entry in found["AutoScalingGroups"]:
        return StandingGroup(
            name,
            entry["MinSize"],
            entry["DesiredCapacity"],
            entry["MaxSize"],
            len(entry["Instances"]),
            bool(entry.get("NewInstancesProtectedFromScaleIn")),
            tuple(host["InstanceId"] for host in entry["Instances"] if _is_protected(host)),
        )
    return None


def balancer(clients: Clients, name: str) -> StandingBalancer | None:
    absent: list[Mapping[str, Any]] = []
    found = unless(("LoadBalancerNotFound",), lambda: _balancers(clients, name), absent)
    for entry in found:
        arn = entry["LoadBalancerArn"]
        with translated("elbv2", "DescribeLoadBalancerAttributes"):
            answer = clients.read("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)
        on = {attribute["Key"] for attribute in answer["Attributes"] if attribute["Value"] == "true"}
        return StandingBalancer(name, arn, _PROTECTION in on, _ACCESS_LOGS in on)
    return None


def _is_protected(host: Mapping[str, Any]) -> bool:
    """One that is on its way out is not asked: Auto Scaling refuses to change it, and it goes anyway."""
    return bool(host.get("ProtectedFromScaleIn")) and host.get("LifecycleState") == "InService"


def _service_arns(clients: Clients, cluster: str) -> list[str]:
    with translated("ecs", "ListServices"):
        pages = clients.read("ecs").get_paginator("list_services").paginate(cluster=cluster)
        return [arn for page in pages for arn in page["serviceArns"]]


def _bounds(clients: Clients, resources: list[str]) -> dict[str, tuple[int, int]]:
    if not resources:
        return {}
    with translated("application-autoscaling", "DescribeScalableTargets"):
        pages = clients.read("application-autoscaling").get_paginator("describe_scalable_targets")
        found = [
            entry
            for page in pages.paginate(ServiceNamespace="ecs", ResourceIds=resources)
            for entry in page["ScalableTargets"]
        ]
    return {entry["ResourceId"]: (entry["MinCapacity"], entry["MaxCapacity"]) for entry in found}


def _balancers(clients: Clients, name: str) -> list[Mapping[str, Any]]:
    with translated("elbv2", "DescribeLoadBalancers"):
        return list(clients.read("elbv2").describe_load_balancers(Names=[name])["LoadBalancers"])
