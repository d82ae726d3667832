"""What an environment keeps and what is paid for on its behalf, found by name and tag. Absence is no error."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scripts.aws.capacity import BILLED_STATES, RELEASE_TAG
from scripts.aws.clients import Clients
from scripts.aws.failures import translated, unless
from scripts.errors import AwsFailed
from stacks.naming import STACK_TAG

_IMAGES_A_CALL = 100


@dataclass(frozen=True)
class StandingTable:
    """A table. DynamoDB counts items about every six hours."""

    name: str
    items: int
    protected: bool


@dataclass(frozen=True)
class StandingRepository:
    """A repository and the digests in it."""

    name: str
    digests: tuple[str, ...]


@dataclass(frozen=True)
class Reservation:
    """A capacity reservation or Reserved Instances: hosts of a type that are paid for.

    `release` is the one that it was made for, None for those that are Pulumi's or nobody's in particular.
    """

    id: str
    instance_type: str
    hosts: int
    end: datetime | None
    release: str | None = None


def tables(clients: Clients, prefix: str) -> tuple[StandingTable, ...]:
    with translated("dynamodb", "ListTables"):
        pages = clients.read("dynamodb").get_paginator("list_tables").paginate()
        names = [name for page in pages for name in page["TableNames"] if name.startswith(prefix)]
    return tuple(_table(clients, name) for name in sorted(names))


def repository(clients: Clients, name: str) -> StandingRepository | None:
    absent = ("RepositoryNotFoundException",)
    found: list[dict[str, str]] | None = unless(absent, lambda: list(_images(clients, name)), None)
    return None if found is None else StandingRepository(name, tuple(dict.fromkeys(e["imageDigest"] for e in found)))


def empty_repository(clients: Clients, found: StandingRepository) -> None:
    """An image that an index refers to goes only after the index, so what stays is tried again while others go."""
    left = found.digests
    while left:
        failed = [entry for some in _batches(left) for entry in _delete(clients, found.name, some)]
        if len(failed) == len(left):
            raise AwsFailed(
                f"ecr BatchDeleteImage: {len(failed)} images stay in {found.name}, the first because: "
                f"{failed[0].get('failureReason', '')}",
                failed[0].get("failureCode", ""),
            )
        left = tuple(entry["imageId"]["imageDigest"] for entry in failed)


def secrets(clients: Clients, prefix: str) -> tuple[str, ...]:
    filters = [{"Key": "name", "Values": [prefix]}]
    with translated("secretsmanager", "ListSecrets"):
        pages = clients.read("secretsmanager").get_paginator("list_secrets").paginate(Filters=filters)
        return tuple(sorted(entry["Name"] for page in pages for entry in page["SecretList"]))


def reservations(clients: Clients, stack: str) -> tuple[Reservation, ...]:
    """Those of an environment that are not over: Pulumi's, and what a release left behind. `stack` is its prefix."""
    filters = [{"Name": f"tag:{STACK_TAG}", "Values": [stack]}, {"Name": "state", "Values": list(BILLED_STATES)}]
    with translated("ec2", "DescribeCapacityReservations"):
        pages = clients.read("ec2").get_paginator("describe_capacity_reservations").paginate(Filters=filters)
        return tuple(_reservation(entry) for page in pages for entry in page["CapacityReservations"])


def reserved_instances(clients: Clients, family: str) -> tuple[Reservation, ...]:
    """The account's active ones of a family of types: nobody can give them back."""
    filters = [{"Name": "state", "Values": ["active"]}]
    with translated("ec2", "DescribeReservedInstances"):
        found = clients.read("ec2").describe_reserved_instances(Filters=filters)["ReservedInstances"]
    return tuple(
        Reservation(e["ReservedInstancesId"], e["InstanceType"], e["InstanceCount"], e.get("End"))
        for e in found
        if e["InstanceType"].startswith(f"{family}.")
    )


def _reservation(entry: Mapping[str, Any]) -> Reservation:
    tags = {tag["Key"]: tag["Value"] for tag in entry.get("Tags", ())}
    return Reservation(
        entry["CapacityReservationId"],
        entry["InstanceType"],
        entry["TotalInstanceCount"],
        entry.get("EndDate"),
        tags.get(RELEASE_TAG),
    )


def _table(clients: Clients, name: str) -> StandingTable:
    with translated("dynamodb", "DescribeTable"):
        found = clients.read("dynamodb").describe_table(TableName=name)["Table"]
    return StandingTable(name, found.get("ItemCount", 0), bool(found.get("DeletionProtectionEnabled")))


def _images(clients: Clients, name: str) -> Iterator[dict[str, str]]:
    with translated("ecr", "ListImages"):
        for page in clients.read("ecr").get_paginator("list_images").paginate(repositoryName=name):
            yield from page["imageIds"]


def _batches(digests: tuple[str, ...]) -> Iterator[list[dict[str, str]]]:
    for start in range(0, len(digests), _IMAGES_A_CALL):
        yield [{"imageDigest": digest} for digest in digests[start : start + _IMAGES_A_CALL]]


def _delete(clients: Clients, name: str, images: list[dict[str, str]]) -> list[dict[str, Any]]:
    """What stays."""
    with translated("ecr", "BatchDeleteImage"):
        answer = clients.read("ecr").batch_delete_image(repositoryName=name, imageIds=images)
    return [entry for entry in answer.get("failures", ()) if entry.get("failureCode") != "ImageNotFound"]
