from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.cloud.backends import ACCOUNT_ID
from rehearsal.cloud.capacity import G_AND_VT_QUOTA, CapacityMarket


@pytest.fixture
def market(client: Callable[[str], Any]) -> CapacityMarket:
    made = CapacityMarket(ACCOUNT_ID, "us-east-1", quota_vcpus=64)
    made.install()
    return made


def reserve(ec2: Any) -> str:
    answer = ec2.create_capacity_reservation(
        InstanceType="g5.xlarge",
        InstancePlatform="Linux/UNIX",
        AvailabilityZone="us-east-1a",
        InstanceCount=2,
        TagSpecifications=[{"ResourceType": "capacity-reservation", "Tags": [{"Key": "release", "Value": "r-1"}]}],
    )
    return str(answer["CapacityReservation"]["CapacityReservationId"])


def test_a_reservation_is_found_by_its_tag_until_it_is_cancelled(
    client: Callable[[str], Any], market: CapacityMarket
) -> None:
    ec2 = client("ec2")
    made = reserve(ec2)
    rule = [{"Name": "tag:release", "Values": ["r-1"]}, {"Name": "state", "Values": ["active"]}]
    found = ec2.describe_capacity_reservations(Filters=rule)["CapacityReservations"]
    assert [(r["CapacityReservationId"], r["TotalInstanceCount"]) for r in found] == [(made, 2)]
    ec2.cancel_capacity_reservation(CapacityReservationId=made)
    assert ec2.describe_capacity_reservations(Filters=rule)["CapacityReservations"] == []


def test_a_market_without_g5_refuses_as_ec2_does(client: Callable[[str], Any], market: CapacityMarket) -> None:
    market.available = False
    with pytest.raises(ClientError) as refused:
        reserve(client("ec2"))
    assert refused.value.response["Error"]["Code"] == "InsufficientInstanceCapacity"


def test_a_market_without_g5_still_reserves_the_hosts_that_run_and_no_more(
    client: Callable[[str], Any], market: CapacityMarket
) -> None:
    ec2 = client("ec2")
    market.available, market.host_zones = False, lambda: ["us-east-1a"] * 2
    reserve(ec2)
    (found,) = ec2.describe_capacity_reservations()["CapacityReservations"]
    assert found["AvailableInstanceCount"] == 0
    with pytest.raises(ClientError, match="InsufficientInstanceCapacity"):
        reserve(ec2)


def test_a_new_reservation_is_shown_as_pending_and_cannot_be_cancelled_yet(client: Callable[[str], Any]) -> None:
    CapacityMarket(ACCOUNT_ID, "us-east-1", quota_vcpus=64, pending_seconds=3600).install()
    ec2 = client("ec2")
    made = reserve(ec2)
    (found,) = ec2.describe_capacity_reservations(CapacityReservationIds=[made])["CapacityReservations"]
    assert found["State"] == "pending"
    with pytest.raises(ClientError, match="IncorrectState"):
        ec2.cancel_capacity_reservation(CapacityReservationId=made)


def test_the_gpu_quota_can_be_read(client: Callable[[str], Any], market: CapacityMarket) -> None:
    answer = client("service-quotas").get_service_quota(ServiceCode="ec2", QuotaCode=G_AND_VT_QUOTA)
    assert answer["Quota"]["Value"] == 64


def test_hosts_that_run_use_the_reservations_of_their_zone(
    client: Callable[[str], Any], market: CapacityMarket
) -> None:
    ec2 = client("ec2")
    reserve(ec2)
    market.host_zones = lambda: ["us-east-1a", "us-east-1b"]
    (found,) = ec2.describe_capacity_reservations()["CapacityReservations"]
    assert (found["TotalInstanceCount"], found["AvailableInstanceCount"]) == (2, 1)
