"""Reserved Instances: what EC2 offers, what the account has, and the one call that buys. Decides nothing.

Marketplace offers (other customers' remains) are left out: their terms are odd and their price may change.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from scripts.aws import calls
from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.aws.model import Call
from scripts.aws.terms import Bought, Offer, OfferingClass, Payment, Terms

_PLATFORM = "Linux/UNIX"
_REGIONAL = "Region"


class Ec2Market:
    """The account's way to buy reservations in one region."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def offers(
        self, instance_type: str, duration_seconds: int, offering_class: OfferingClass, zone: str | None
    ) -> tuple[Offer, ...]:
        """All ways to pay for one type, term, class and scope."""
        scope = {"Name": "scope", "Values": ["Availability Zone" if zone else _REGIONAL]}
        found = self._pages(
            "describe_reserved_instances_offerings",
            InstanceType=instance_type,
            ProductDescription=_PLATFORM,
            InstanceTenancy="default",
            OfferingClass=str(offering_class),
            MinDuration=duration_seconds,
            MaxDuration=duration_seconds,
            IncludeMarketplace=False,
            Filters=[scope],
            **({"AvailabilityZone": zone} if zone else {}),
        )
        entries = [e for page in found for e in page["ReservedInstancesOfferings"] if not e.get("Marketplace")]
        return tuple(_offer(entry) for entry in entries)

    def bought(self, instance_type: str) -> tuple[Bought, ...]:
        """Those of a type that did not retire, whichever environment they were bought for."""
        with translated("ec2", "DescribeReservedInstances"):
            found = self._clients.read("ec2").describe_reserved_instances(
                Filters=[
                    {"Name": "instance-type", "Values": [instance_type]},
                    {"Name": "state", "Values": ["active", "payment-pending", "payment-failed", "queued"]},
                ]
            )
        return tuple(_bought(entry) for entry in found["ReservedInstances"])

    def purchase(self, offer_id: str, count: int) -> str:
        """Buy, in one attempt. Answers the id. Raises Transient where EC2 may have sold or not."""
        parameters = {"ReservedInstancesOfferingId": offer_id, "InstanceCount": count}
        answer = calls.execute(self._clients, Call("ec2", "PurchaseReservedInstancesOffering", parameters))
        return str(answer["ReservedInstancesId"])

    def _pages(self, operation: str, **parameters: Any) -> list[Mapping[str, Any]]:
        with translated("ec2", "DescribeReservedInstancesOfferings"):
            paginator = self._clients.read("ec2").get_paginator(operation)
            return list(paginator.paginate(**parameters))


def _offer(entry: Mapping[str, Any]) -> Offer:
    return Offer(
        id=entry["ReservedInstancesOfferingId"],
        terms=_terms(entry),
        upfront_usd=float(entry.get("FixedPrice", 0)),
        hourly_usd=_hourly_usd(entry),
    )


def _bought(entry: Mapping[str, Any]) -> Bought:
    terms = _terms(entry)
    start = entry["Start"]
    return Bought(
        id=entry["ReservedInstancesId"],
        terms=terms,
        count=int(entry["InstanceCount"]),
        state=str(entry["State"]),
        start=start,
        end=entry.get("End") or start + timedelta(seconds=terms.duration_seconds),
    )


def _terms(entry: Mapping[str, Any]) -> Terms:
    zone = None if entry.get("Scope") == _REGIONAL else entry.get("AvailabilityZone")
    payment = {known.aws_name: str(known) for known in Payment}.get(entry["OfferingType"], entry["OfferingType"])
    return Terms(entry["InstanceType"], int(entry["Duration"]), payment, entry["OfferingClass"], cast(str | None, zone))


def _hourly_usd(entry: Mapping[str, Any]) -> float:
    """EC2 states the hourly part as a recurring charge; offers of the old kinds as a usage price."""
    recurring = [c["Amount"] for c in entry.get("RecurringCharges") or () if c.get("Frequency") == "Hourly"]
    return float(entry.get("UsagePrice", 0)) + sum(float(amount) for amount in recurring)
