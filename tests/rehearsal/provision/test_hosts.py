"""The permanent reservation, against an EC2 of this file's own: moto has none, the rehearsal adds one."""

from typing import Any, cast

from rehearsal.provision.clients import Clients
from rehearsal.provision.realisations.hosts import capacity_reservation
from rehearsal.provision.registry import Declared

KIND = "aws:ec2/capacityReservation:CapacityReservation"


class Ec2:
    """Takes one reservation and remembers what was asked."""

    region = "us-east-1"

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def __call__(self, service: str) -> "Ec2":
        return self

    def create_capacity_reservation(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {"CapacityReservation": {"CapacityReservationId": "cr-1", "OwnerId": "123456789012"}}


def test_a_reservation_is_open_without_end_and_tagged() -> None:
    ec2 = Ec2()
    inputs = {
        "instanceType": "g5.xlarge",
        "instancePlatform": "Linux/UNIX",
        "availabilityZone": "us-east-1a",
        "instanceCount": 2,
        "instanceMatchCriteria": "open",
        "endDateType": "unlimited",
    }
    tags = {"switchyard:purpose": "permanent"}
    made = capacity_reservation(Declared(KIND, "reserved", inputs, tags, cast(Clients, ec2), {}))
    assert made.id == "cr-1"
    assert made.outputs["arn"] == "arn:aws:ec2:us-east-1:123456789012:capacity-reservation/cr-1"
    assert (ec2.asked["InstanceCount"], ec2.asked["InstanceMatchCriteria"]) == (2, "open")
    assert ec2.asked["TagSpecifications"][0]["Tags"] == [{"Key": "switchyard:purpose", "Value": "permanent"}]
