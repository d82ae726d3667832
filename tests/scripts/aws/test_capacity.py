"""What the capacity tasks read, against moto or against answers in AWS's own words."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from scripts.aws import capacity, gpu_image, holdings, traffic
from scripts.aws.clients import Clients
from scripts.aws.reserved import Ec2Market
from scripts.aws.terms import OfferingClass
from scripts.errors import AwsFailed
from tests.scripts.moto_environment import clients

BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/public/1"


@contextmanager
def answering(service: str, operation: str, answer: dict[str, Any]) -> Iterator[Clients]:
    with clients() as found, Stubber(found.read(service)) as stub:
        stub.add_response(operation, answer)
        yield found


def test_requests_are_summed_by_day_and_a_silent_day_has_no_entry() -> None:
    with clients() as found:
        for day, count in ((1, 5.0), (1, 7.0), (3, 9.0)):
            found.read("cloudwatch").put_metric_data(
                Namespace="AWS/ApplicationELB",
                MetricData=[
                    {
                        "MetricName": "RequestCount",
                        "Dimensions": [{"Name": "LoadBalancer", "Value": "app/public/1"}],
                        "Timestamp": datetime(2026, 11, day, 0, 0, tzinfo=UTC) + timedelta(hours=count),
                        "Value": count,
                    }
                ],
            )
        counted = traffic.requests_a_day(found, BALANCER, date(2026, 11, 25), 30)
    assert counted == {date(2026, 11, 1): 12.0, date(2026, 11, 3): 9.0}


def test_reservations_carry_their_tags_and_what_is_free() -> None:
    entry = {
        "CapacityReservationId": "cr-1",
        "AvailabilityZone": "us-east-1a",
        "TotalInstanceCount": 2,
        "AvailableInstanceCount": 1,
        "State": "active",
        "Tags": [{"Key": "switchyard:purpose", "Value": "permanent"}],
    }
    with answering("ec2", "describe_capacity_reservations", {"CapacityReservations": [entry]}) as found:
        (one,) = capacity.reservations(found, "g5.xlarge")
    assert (one.id, one.zone, one.hosts, one.free_hosts, one.end) == ("cr-1", "us-east-1a", 2, 1, None)
    assert one.tags == {"switchyard:purpose": "permanent"}


def test_a_reservation_that_is_still_pending_is_billed_and_counts_as_left_by_its_release() -> None:
    filters = [
        {"Name": "tag:switchyard:release", "Values": ["r-1"]},
        {"Name": "state", "Values": ["active", "pending"]},
    ]
    answer = {"CapacityReservations": [{"CapacityReservationId": "cr-1"}]}
    with clients() as found, Stubber(found.read("ec2")) as stub:
        stub.add_response("describe_capacity_reservations", answer, {"Filters": filters})
        assert capacity.release_reservations(found, "r-1") == ("cr-1",)


def test_an_environments_pending_reservation_is_seen_before_it_is_destroyed() -> None:
    filters = [
        {"Name": "tag:SwitchyardStack", "Values": ["switchyard-staging"]},
        {"Name": "state", "Values": ["active", "pending"]},
    ]
    entry = {"CapacityReservationId": "cr-1", "InstanceType": "g5.xlarge", "TotalInstanceCount": 1}
    with clients() as found, Stubber(found.read("ec2")) as stub:
        stub.add_response("describe_capacity_reservations", {"CapacityReservations": [entry]}, {"Filters": filters})
        assert [one.id for one in holdings.reservations(found, "switchyard-staging")] == ["cr-1"]


def test_a_reservation_that_ec2_does_not_know_yet_is_no_error() -> None:
    with clients() as found, Stubber(found.read("ec2")) as stub:
        stub.add_client_error("describe_capacity_reservations", "InvalidCapacityReservationId.NotFound")
        assert capacity.reservation(found, "cr-1") is None


def test_a_host_says_its_zone() -> None:
    described = {
        "containerInstances": [
            {
                "ec2InstanceId": "i-1",
                "status": "ACTIVE",
                "agentConnected": True,
                "attributes": [{"name": "ecs.availability-zone", "value": "us-east-1b"}, {"name": "com.example"}],
            }
        ]
    }
    with clients() as found, Stubber(found.read("ecs")) as stub:
        stub.add_response("list_container_instances", {"containerInstanceArns": ["arn"]})
        stub.add_response("describe_container_instances", described)
        assert [host.zone for host in capacity.hosts(found, "c")] == ["us-east-1b"]


def test_offers_of_the_marketplace_are_left_out() -> None:
    offering = {
        "ReservedInstancesOfferingId": "o-1",
        "InstanceType": "g5.xlarge",
        "Duration": 31_536_000,
        "OfferingType": "Partial Upfront",
        "OfferingClass": "standard",
        "Scope": "Region",
        "FixedPrice": 2646.0,
        "UsagePrice": 0.0,
        "RecurringCharges": [{"Amount": 0.302, "Frequency": "Hourly"}],
        "Marketplace": False,
    }
    answer = {"ReservedInstancesOfferings": [offering, offering | {"Marketplace": True}]}
    with answering("ec2", "describe_reserved_instances_offerings", answer) as found:
        (offer,) = Ec2Market(found).offers("g5.xlarge", 31_536_000, OfferingClass.STANDARD, None)
    assert (offer.upfront_usd, offer.hourly_usd, offer.terms.payment) == (2646.0, 0.302, "partial-upfront")


def test_a_parameter_that_is_no_image_says_what_was_found() -> None:
    with (
        answering("ssm", "get_parameter", {"Parameter": {"Value": "ami-1"}}) as found,
        pytest.raises(AwsFailed, match="expected an image in JSON, found 'ami-1'"),
    ):
        gpu_image.recommended(found)
