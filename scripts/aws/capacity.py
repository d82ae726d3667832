"""Hosts with GPUs: those that run, those that may still come, and what EC2 promised us."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.aws.clients import Clients
from scripts.aws.failures import translated, unless
from scripts.aws.model import CapacityReservation, Group, Host
from scripts.errors import AwsFailed

PERMANENT_PURPOSE = "permanent"
RELEASE_TAG = "switchyard:release"
# Both are billed: EC2 may show `pending` for up to five minutes although the hosts can be used already (EC2 user
# guide, "View the state of a Capacity Reservation"). The other states are over, or those of future-dated reservations
# and capacity blocks, which the kit never makes.
ACTIVE, PENDING = "active", "pending"
BILLED_STATES = (ACTIVE, PENDING)
_HOSTS_A_CALL = 100
_ZONE = "ecs.availability-zone"


@dataclass(frozen=True)
class VcpuQuota:
    """How many vCPUs of a kind an account may run in a region at once, by the codes of Service Quotas."""

    service: str
    code: str


# "Running On-Demand G and VT instances".
G_AND_VT_QUOTA = VcpuQuota("ec2", "L-DB2E81BA")
# "Fargate On-Demand vCPU resource count".
FARGATE_QUOTA = VcpuQuota("fargate", "L-3032A538")


def hosts(clients: Clients, cluster: str) -> tuple[Host, ...]:
    found: list[Host] = []
    with translated("ecs", "ListContainerInstances"):
        pages = clients.read("ecs").get_paginator("list_container_instances").paginate(cluster=cluster)
        arns = [arn for page in pages for arn in page["containerInstanceArns"]]
    for start in range(0, len(arns), _HOSTS_A_CALL):
        with translated("ecs", "DescribeContainerInstances"):
            some = arns[start : start + _HOSTS_A_CALL]
            answer = clients.read("ecs").describe_container_instances(cluster=cluster, containerInstances=some)
        found += [_host(entry) for entry in answer["containerInstances"]]
    return tuple(found)


def group(clients: Clients, name: str) -> Group:
    with translated("autoscaling", "DescribeAutoScalingGroups"):
        found = clients.read("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    if not found["AutoScalingGroups"]:
        raise AwsFailed(f"auto scaling group {name} does not exist: run `pulumi up`", "Missing")
    entry = found["AutoScalingGroups"][0]
    return Group(entry["MinSize"], entry["DesiredCapacity"], entry["MaxSize"])


def quota_vcpus(clients: Clients, quota: VcpuQuota) -> float:
    with translated("service-quotas", "GetServiceQuota"):
        found = clients.read("service-quotas").get_service_quota(ServiceCode=quota.service, QuotaCode=quota.code)
    return float(found["Quota"]["Value"])


def release_reservations(clients: Clients, release: str) -> tuple[str, ...]:
    """Ids of the reservations that were made for a release and are not over."""
    filters = [{"Name": f"tag:{RELEASE_TAG}", "Values": [release]}, {"Name": "state", "Values": list(BILLED_STATES)}]
    with translated("ec2", "DescribeCapacityReservations"):
        pages = clients.read("ec2").get_paginator("describe_capacity_reservations").paginate(Filters=filters)
        return tuple(entry["CapacityReservationId"] for page in pages for entry in page["CapacityReservations"])


def reservation(clients: Clients, identifier: str) -> CapacityReservation | None:
    """One reservation in whatever state; None while EC2 does not know it yet."""
    return unless(("InvalidCapacityReservationId.NotFound",), lambda: _one(clients, identifier), None)


def reservations(clients: Clients, instance_type: str) -> tuple[CapacityReservation, ...]:
    """The account's active ones for a type, whichever environment they are for."""
    filters = [{"Name": "instance-type", "Values": [instance_type]}, {"Name": "state", "Values": [ACTIVE]}]
    with translated("ec2", "DescribeCapacityReservations"):
        pages = clients.read("ec2").get_paginator("describe_capacity_reservations").paginate(Filters=filters)
        return tuple(_reservation(entry) for page in pages for entry in page["CapacityReservations"])


def _one(clients: Clients, identifier: str) -> CapacityReservation | None:
    with translated("ec2", "DescribeCapacityReservations"):
        found = clients.read("ec2").describe_capacity_reservations(CapacityReservationIds=[identifier])
    return next((_reservation(entry) for entry in found["CapacityReservations"]), None)


def _reservation(entry: Mapping[str, Any]) -> CapacityReservation:
    return CapacityReservation(
        id=entry["CapacityReservationId"],
        zone=entry.get("AvailabilityZone", ""),
        hosts=entry["TotalInstanceCount"],
        free_hosts=entry["AvailableInstanceCount"],
        tags={tag["Key"]: tag["Value"] for tag in entry.get("Tags", ())},
        end=entry.get("EndDate"),
        state=entry["State"],
    )


def _host(entry: Mapping[str, Any]) -> Host:
    return Host(
        instance_id=entry.get("ec2InstanceId", ""),
        active=entry.get("status") == "ACTIVE" and bool(entry.get("agentConnected")),
        gpus=_gpus(entry.get("registeredResources", ())),
        free_gpus=_gpus(entry.get("remainingResources", ())),
        tasks=entry.get("runningTasksCount", 0),
        zone=_attribute(entry, _ZONE),
    )


def _attribute(entry: Mapping[str, Any], name: str) -> str:
    return next((a.get("value", "") for a in entry.get("attributes", ()) if a.get("name") == name), "")


def _gpus(resources: Any) -> int:
    """ECS names GPUs one by one."""
    return sum(len(found.get("stringSetValue", ())) for found in resources if found.get("name") == "GPU")
