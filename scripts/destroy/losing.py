"""What is lost, what stays, and what goes on costing, in words. Pure."""

from collections.abc import Iterator
from typing import Any

from scripts.aws.buckets import Contents
from scripts.aws.holdings import Reservation
from scripts.destroy.inventory import Inventory
from stacks.naming import STATE_KEY_ALIAS, state_bucket

# What `stacks/components/secrets.py` and `alerts.py` set: the most that Secrets Manager and KMS take.
_RECOVERY_DAYS = 30
# "Delete a table with PITR enabled", Amazon DynamoDB Developer Guide; every table of the kit has it enabled.
_BACKUP_DAYS = 35
_MIB = 1024 * 1024


def text(found: Inventory) -> str:
    parts = [f"{found.environment} in account {found.account.account_id}, {found.account.region}"]
    for title, lines in (("Lost", list(_lost(found))), ("Stays, and goes on costing", list(_costing(found)))):
        parts += [f"{title}:", *(f"  {line}" for line in lines or ["nothing"])]
    return "\n".join([*parts, "Stays:", *(f"  {line}" for line in _staying(found))])


def body(found: Inventory) -> dict[str, Any]:
    return {
        "environment": found.environment,
        "account_id": found.account.account_id,
        "lost": list(_lost(found)),
        "goes_on_costing": list(_costing(found)),
        "stays": list(_staying(found)),
    }


def _lost(found: Inventory) -> Iterator[str]:
    if found.control and found.control.book.live:
        live = found.control.book.live
        yield f"the live release {live.placement.release} on {live.placement.colour}, live since {live.since}"
    for service in found.services:
        if service.desired or service.running:
            yield f"service {service.name}: {service.running} of {service.desired} tasks run"
    if found.group and found.group.hosts:
        yield _many(found.group.hosts, "GPU host")
    for table in found.tables:
        yield f"table {table.name}: about {_many(table.items, 'item')} (DynamoDB counts every six hours)"
    for bucket in found.buckets:
        yield f"bucket {bucket.name}: {_size(bucket)}"
    for repository in found.repositories:
        yield f"repository {repository.name}: {_many(len(repository.digests), 'image')}"
    for reservation in found.reservations:
        yield f"capacity reservation {reservation.id}: {_hosts(reservation)}{_purpose(reservation)}"
    yield "the containers' log lines, alarms, the certificate that the program requested, everything else in the stack"


def _costing(found: Inventory) -> Iterator[str]:
    for reserved in found.reserved_instances:
        until = f" until {reserved.end:%Y-%m-%d}" if reserved.end else ""
        yield f"Reserved Instances {reserved.id}: {_hosts(reserved)} of this account{until}, whoever uses them"
    yield (
        f"{STATE_KEY_ALIAS} and bucket {state_bucket(found.account.account_id, found.account.region)}, "
        "which other environments share"
    )


def _staying(found: Inventory) -> Iterator[str]:
    if found.tables:
        yield f"a backup of each table as it was at the end, which DynamoDB keeps for {_BACKUP_DAYS} days at no cost"
    for secret in found.secrets:
        yield f"secret {secret}: recoverable for {_RECOVERY_DAYS} days, and its name is taken for as long"
    if found.secrets:
        line = f"aws secretsmanager delete-secret --region {found.account.region} --secret-id NAME"
        yield f"  to free a name: {line} --force-delete-without-recovery"
    yield f"the alarms' key, which AWS deletes after {_RECOVERY_DAYS} days and does not charge until then"
    yield f"log group /aws/ecs/containerinsights/{found.cluster}/performance, which ECS made"
    yield "task definitions, which cost nothing"


def _size(bucket: Contents) -> str:
    more = "more than " if bucket.more else ""
    return f"{more}{_many(bucket.versions, 'version')} of objects, {more}{bucket.size_bytes / _MIB:.1f} MiB"


def _purpose(reservation: Reservation) -> str:
    return f", left by release {reservation.release}" if reservation.release else ""


def _hosts(reservation: Reservation) -> str:
    return f"{reservation.hosts} x {reservation.instance_type}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
