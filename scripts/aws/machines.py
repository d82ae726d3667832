"""EC2 before any host runs: machine images, where an instance type is offered, and the key of new disks."""

from datetime import datetime

from scripts.aws.account_model import MachineImage
from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.errors import AwsFailed

_ABSENT = ("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidAMIID.Malformed")


def machine_image(clients: Clients, image_id: str) -> MachineImage | None:
    """None where the region has no such image, or it is not ours to see."""
    try:
        with translated("ec2", "DescribeImages"):
            found = clients.read("ec2").describe_images(ImageIds=[image_id], IncludeDeprecated=True)["Images"]
    except AwsFailed as error:
        if error.code in _ABSENT:
            return None
        raise
    if not found:
        return None
    (entry,) = found
    return MachineImage(
        image_id=image_id,
        name=entry.get("Name", ""),
        architecture=entry["Architecture"],
        owner_alias=entry.get("ImageOwnerAlias", ""),
        created_at=_time(entry["CreationDate"]),
        deprecated_at=_time(entry["DeprecationTime"]) if entry.get("DeprecationTime") else None,
    )


def zones_offering(clients: Clients, instance_type: str) -> tuple[str, ...]:
    """The region's zones in which EC2 has the type at all; whether it has one just now, only a launch can say."""
    filters = [{"Name": "instance-type", "Values": [instance_type]}]
    with translated("ec2", "DescribeInstanceTypeOfferings"):
        pages = clients.read("ec2").get_paginator("describe_instance_type_offerings")
        found = [
            entry["Location"]
            for page in pages.paginate(LocationType="availability-zone", Filters=filters)
            for entry in page["InstanceTypeOfferings"]
        ]
    return tuple(sorted(found))


def disk_key(clients: Clients) -> str:
    """The key of encrypted disks that name none, as the hosts' do: an id, an ARN or `alias/aws/ebs`."""
    with translated("ec2", "GetEbsDefaultKmsKeyId"):
        return str(clients.read("ec2").get_ebs_default_kms_key_id()["KmsKeyId"])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
