"""Whether the account may run GPU hosts and gateway tasks: quotas of vCPUs, and zones that offer the type. Pure."""

import math
from collections.abc import Collection

from scripts.aws.capacity import FARGATE_QUOTA, G_AND_VT_QUOTA, VcpuQuota
from scripts.bootstrap.finding import Finding, Status
from scripts.release.gpus import hosts_for
from stacks.instance_types import InstanceType

# How Fargate counts a task's CPU: 1024 units are one vCPU (Amazon ECS Developer Guide, "Task CPU and memory").
_UNITS_A_VCPU = 1024


def hosts(allowed: float, kind: InstanceType, minimum_count: int, maximum_hosts: int, region: str) -> Finding:
    """A release runs both colours' minimum at once; the group may grow up to its maximum."""
    releasing = kind.vcpus * hosts_for(2 * minimum_count, 1, kind.gpus)
    growing = kind.vcpus * max(maximum_hosts, hosts_for(2 * minimum_count, 1, kind.gpus))
    says = (
        f"{allowed:g} vCPUs of running On-Demand G and VT instances in {region}, shared by the whole account; "
        f"a release needs {releasing} (2 x {minimum_count} vLLM tasks), {maximum_hosts} hosts of {kind.name} {growing}"
    )
    status = _status(allowed, releasing, growing)
    return Finding("GPU quota", status, says, _ask(status, G_AND_VT_QUOTA, growing, region))


def gateways(allowed: float, cpu_units: int, minimum_count: int, maximum_count: int, region: str) -> Finding:
    """A release runs both colours' minimum at once; under load each may grow up to its maximum."""
    releasing, growing = (2 * count * cpu_units / _UNITS_A_VCPU for count in (minimum_count, maximum_count))
    says = (
        f"{allowed:g} vCPUs of Fargate On-Demand in {region}, shared by the whole account; a release needs "
        f"{releasing:g} (2 x {minimum_count} API tasks of {cpu_units} CPU units), 2 x {maximum_count} tasks {growing:g}"
    )
    status = _status(allowed, releasing, growing)
    return Finding("Fargate quota", status, says, _ask(status, FARGATE_QUOTA, math.ceil(growing), region))


def zones(offering: Collection[str], wanted: Collection[str], kind: str) -> Finding:
    without = [zone for zone in wanted if zone not in offering]
    if not without:
        return Finding("zones", Status.OK, f"{', '.join(wanted)} offer {kind}; whether one is free, a launch will say")
    if not offering:
        return Finding("zones", Status.WRONG, f"no zone of the region offers {kind}: choose another region or type")
    offered = ", ".join(sorted(offering))
    says = f"{', '.join(without)} do not offer {kind}: set `zones` in the settings file to some of {offered}"
    return Finding("zones", Status.WRONG, says)


def _status(allowed: float, releasing: float, growing: float) -> Status:
    if allowed >= growing:
        return Status.OK
    return Status.WARNING if allowed >= releasing else Status.WRONG


def _ask(status: Status, quota: VcpuQuota, vcpus: int, region: str) -> str | None:
    if status is Status.OK:
        return None
    return (
        f"aws service-quotas request-service-quota-increase --service-code {quota.service} "
        f"--quota-code {quota.code} --desired-value {vcpus} --region {region}"
    )
