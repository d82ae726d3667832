"""The GPU hosts' launch template and the capacity that is always reserved for them."""

from typing import Any

from rehearsal.provision.realisations.network import arn, owner, tagged
from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:ec2/launchTemplate:LaunchTemplate")
def launch_template(declared: Declared) -> Realised:
    made = declared.aws("ec2").create_launch_template(
        LaunchTemplateName=declared.inputs["name"],
        LaunchTemplateData=_data(declared),
        TagSpecifications=tagged(declared, "launch-template"),
    )["LaunchTemplate"]
    identifier = made["LaunchTemplateId"]
    outputs = {
        "arn": arn(declared, owner(declared), f"launch-template/{identifier}"),
        "defaultVersion": made["DefaultVersionNumber"],
        "latestVersion": made["LatestVersionNumber"],
        **declared.empty("namePrefix"),
    }
    return Realised(identifier, outputs)


@REGISTRY.realises("aws:ec2/capacityReservation:CapacityReservation")
def capacity_reservation(declared: Declared) -> Realised:
    wanted = ("instanceType", "instancePlatform", "availabilityZone", "instanceCount", "instanceMatchCriteria")
    made = declared.aws("ec2").create_capacity_reservation(
        **declared.given(*wanted, "endDateType"), TagSpecifications=tagged(declared, "capacity-reservation")
    )["CapacityReservation"]
    identifier = made["CapacityReservationId"]
    account_id = made.get("OwnerId") or owner(declared)
    outputs = {
        "arn": made.get("CapacityReservationArn") or arn(declared, account_id, f"capacity-reservation/{identifier}"),
        "ownerId": account_id,
    }
    return Realised(identifier, outputs)


def _data(declared: Declared) -> dict[str, Any]:
    inputs = declared.inputs
    metadata = inputs["metadataOptions"]
    return {
        **declared.given("imageId", "instanceType", "userData"),
        "IamInstanceProfile": {"Arn": inputs["iamInstanceProfile"]["arn"]},
        "MetadataOptions": {
            "HttpEndpoint": metadata["httpEndpoint"],
            "HttpTokens": metadata["httpTokens"],
            "HttpPutResponseHopLimit": metadata["httpPutResponseHopLimit"],
        },
        "NetworkInterfaces": [_interface(index, found) for index, found in enumerate(inputs["networkInterfaces"])],
        "BlockDeviceMappings": [_disk(found) for found in inputs["blockDeviceMappings"]],
        "TagSpecifications": [_specification(found) for found in inputs["tagSpecifications"]],
    }


def _interface(index: int, found: Any) -> dict[str, Any]:
    public = found["associatePublicIpAddress"] == "true"
    return {"DeviceIndex": index, "AssociatePublicIpAddress": public, "Groups": found["securityGroups"]}


def _disk(found: Any) -> dict[str, Any]:
    ebs = found["ebs"]
    settings = {
        "VolumeSize": ebs["volumeSize"],
        "VolumeType": ebs["volumeType"],
        "Encrypted": ebs["encrypted"] == "true",
        "DeleteOnTermination": ebs["deleteOnTermination"] == "true",
    }
    return {"DeviceName": found["deviceName"], "Ebs": settings}


def _specification(found: Any) -> dict[str, Any]:
    tags = [{"Key": key, "Value": value} for key, value in found["tags"].items()]
    return {"ResourceType": found["resourceType"], "Tags": tags}
