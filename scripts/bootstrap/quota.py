"""Whether the account may run the GPU hosts: its quota of G and VT vCPUs, and zones that offer the type. Pure."""

from collections.abc import Collection

from scripts.aws.capacity import G_AND_VT_QUOTA
from scripts.bootstrap.finding import Finding, Status
from scripts.release.gpus import hosts_for
from stacks.instance_types import InstanceType


def vcpus(allowed: float, kind: InstanceType, minimum_count: int, maximum_hosts: int, region: str) -> Finding:
    """A release runs both colours' minimum at once; the group may grow up to its maximum."""
    releasing = kind.vcpus * hosts_for(2 * minimum_count, 1, kind.gpus)
    growing = kind.vcpus * max(maximum_hosts, hosts_for(2 * minimum_count, 1, kind.gpus))
    says = (
        f"{allowed:g} vCPUs of running On-Demand G and VT instances in {region}, shared by the whole account; "
        f"a release needs {releasing} (2 x {minimum_count} vLLM tasks), {maximum_hosts} hosts of {kind.name} {growing}"
    )
    if allowed >= growing:
        return Finding("GPU quota", Status.OK, says)
    status = Status.WRONG if allowed < releasing else Status.WARNING
    return Finding("GPU quota", status, says, _ask(growing, region))


def zones(offering: Collection[str], wanted: Collection[str], kind: str) -> Finding:
    without = [zone for zone in wanted if zone not in offering]
    if not without:
        return Finding("zones", Status.OK, f"{', '.join(wanted)} offer {kind}; whether one is free, a launch will say")
    if not offering:
        return Finding("zones", Status.WRONG, f"no zone of the region offers {kind}: choose another region or type")
    offered = ", ".join(sorted(offering))
    says = f"{', '.join(without)} do not offer {kind}: set `zones` in the settings file to some of {offered}"
    return Finding("zones", Status.WRONG, says)


def _ask(vcpus: int, region: str) -> str:
    return (
        "aws service-quotas request-service-quota-increase --service-code ec2 "
        f"--quota-code {G_AND_VT_QUOTA} --desired-value {vcpus} --region {region}"
    )
