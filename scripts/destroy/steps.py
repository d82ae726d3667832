"""The steps that take an environment down, in order, for what is there now. Pure.

Each is left out where it is done already, so a run after a stop begins where the last one ended. Weights are left as
they are: once no task answers, they route to nothing, and the rule goes with its load balancer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scripts.aws.holdings import StandingRepository
from scripts.aws.model import Call
from scripts.aws.standing import StandingBalancer, StandingGroup, StandingService
from scripts.destroy.inventory import Inventory

# SetInstanceProtection takes this many (Auto Scaling API reference).
_HOSTS_A_CALL = 50


@dataclass(frozen=True)
class Step:
    """Base. `name` goes into `--json`, `saying` to the terminal."""

    name: str
    saying: str


@dataclass(frozen=True)
class CallAws(Step):
    """Calls that may be made twice."""

    calls: tuple[Call, ...]


@dataclass(frozen=True)
class AwaitStopped(Step):
    """Wait until the last task of the services has ended: one that drains still answers."""

    cluster: str
    services: tuple[str, ...]


@dataclass(frozen=True)
class EmptyBucket(Step):
    """Delete every version of every object."""

    bucket: str


@dataclass(frozen=True)
class EmptyRepository(Step):
    """Delete every image."""

    repository: StandingRepository


@dataclass(frozen=True)
class RunPulumi(Step):
    """One run of the `pulumi` command."""

    argv: tuple[str, ...]


@dataclass(frozen=True)
class DestroyStack(RunPulumi):
    """The last one. Logs may have arrived in a bucket meanwhile: then it is emptied once more and tried once more."""


def steps(found: Inventory) -> tuple[Step, ...]:
    return (*_tasks_and_hosts(found), *_protections(found), *_contents(found), *_pulumi(found.environment))


def described(step: Step) -> str:
    """What `--dry-run` prints below the step's own line, where its calls say nothing yet."""
    match step:
        case AwaitStopped():
            return "ecs ListTasks, until the last one has ended"
        case EmptyBucket():
            return f"s3 ListObjectVersions, DeleteObjects, until {step.bucket} is empty"
        case EmptyRepository():
            return f"ecr BatchDeleteImage, for {len(step.repository.digests)} digests"
        case RunPulumi():
            return " ".join(step.argv)
        case _:
            return ""


def _tasks_and_hosts(found: Inventory) -> Iterator[Step]:
    for service in found.services:
        if calls := tuple(_stop(found.cluster, service)):
            yield CallAws(f"stop {service.name}", f"Stopping {service.name}", calls)
    if names := tuple(service.name for service in found.services):
        saying = "Waiting for the last answers and for tasks to stop"
        yield AwaitStopped("await stopped", saying, found.cluster, names)
    for reservation in found.reservations:
        if reservation.release:
            call = Call("ec2", "CancelCapacityReservation", {"CapacityReservationId": reservation.id})
            yield CallAws(f"cancel {reservation.id}", f"Cancelling reservation {reservation.id}", (call,))
    if found.group and (calls := tuple(_release(found.group))):
        yield CallAws("release hosts", "Ending the GPU hosts' protection, and the hosts", calls)


def _protections(found: Inventory) -> Iterator[Step]:
    for balancer in found.balancers:
        if balancer.protected or balancer.logs:
            yield CallAws(f"unprotect {balancer.name}", f"Unprotecting {balancer.name}", (_unprotect(balancer),))
    for table in found.tables:
        if table.protected:
            call = Call("dynamodb", "UpdateTable", {"TableName": table.name, "DeletionProtectionEnabled": False})
            yield CallAws(f"unprotect {table.name}", f"Unprotecting {table.name}", (call,))


def _contents(found: Inventory) -> Iterator[Step]:
    for repository in found.repositories:
        if repository.digests:
            yield EmptyRepository(f"empty {repository.name}", f"Deleting the images of {repository.name}", repository)
    for bucket in found.buckets:
        if bucket.versions:
            yield EmptyBucket(f"empty {bucket.name}", f"Emptying bucket {bucket.name}", bucket.name)


def _stop(cluster: str, service: StandingService) -> Iterator[Call]:
    """Bounds first, else autoscaling would start the tasks again."""
    if service.bounds not in (None, (0, 0)):
        target = {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{cluster}/{service.name}",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        yield Call("application-autoscaling", "RegisterScalableTarget", {**target, "MinCapacity": 0, "MaxCapacity": 0})
    if service.desired:
        yield Call("ecs", "UpdateService", {"cluster": cluster, "service": service.name, "desiredCount": 0})


def _release(group: StandingGroup) -> Iterator[Call]:
    """New hosts first: one that comes meanwhile would be protected again."""
    named = {"AutoScalingGroupName": group.name}
    if group.protects_new or group.minimum or group.desired or group.maximum:
        size = {"MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}
        yield Call("autoscaling", "UpdateAutoScalingGroup", {**named, "NewInstancesProtectedFromScaleIn": False})
        yield from _unprotect_hosts(group)
        yield Call("autoscaling", "UpdateAutoScalingGroup", {**named, **size})
    else:
        yield from _unprotect_hosts(group)


def _unprotect_hosts(group: StandingGroup) -> Iterator[Call]:
    for start in range(0, len(group.protected_hosts), _HOSTS_A_CALL):
        some = list(group.protected_hosts[start : start + _HOSTS_A_CALL])
        parameters = {"AutoScalingGroupName": group.name, "InstanceIds": some, "ProtectedFromScaleIn": False}
        yield Call("autoscaling", "SetInstanceProtection", parameters)


def _unprotect(balancer: StandingBalancer) -> Call:
    """Access logs end as well: they would fill the bucket that is emptied next."""
    off = {"deletion_protection.enabled": balancer.protected, "access_logs.s3.enabled": balancer.logs}
    attributes = [{"Key": key, "Value": "false"} for key, is_on in off.items() if is_on]
    return Call("elbv2", "ModifyLoadBalancerAttributes", {"LoadBalancerArn": balancer.arn, "Attributes": attributes})


def _pulumi(environment: str) -> Iterator[Step]:
    """Flags: Pulumi's command reference, `pulumi state unprotect` and `pulumi destroy`."""
    where = ("--stack", environment, "--yes", "--non-interactive")
    unprotect = ("pulumi", "state", "unprotect", "--all", *where)
    yield RunPulumi("unprotect the stack", "Ending Pulumi's own protection", unprotect)
    yield DestroyStack("destroy the stack", "Destroying the stack", ("pulumi", "destroy", *where))
