"""EC2's sale of Reserved Instances. moto sells none, and its offers ignore what was asked for.

Prices are shares of the on-demand price that the settings state: only one year without money at once is the
articles' figure (0.634 of 1.006), the others are made up. They prove arithmetic, never what AWS asks.
"""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from rehearsal.cloud.additions import AwsError, install

_YEAR_SECONDS = 31_536_000
_HOUR_SECONDS = 3_600
_PAID_AT_ONCE = {"No Upfront": 0.0, "Partial Upfront": 0.5, "All Upfront": 1.0}
_PRICE_SHARES = {
    (1, "No Upfront"): 0.6302,
    (1, "Partial Upfront"): 0.60,
    (1, "All Upfront"): 0.59,
    (3, "No Upfront"): 0.43,
    (3, "Partial Upfront"): 0.40,
    (3, "All Upfront"): 0.38,
}
_CONVERTIBLE_FACTOR = 1.15
_FIELDS = {
    "scope": "Scope",
    "state": "State",
    "instance-type": "InstanceType",
    "availability-zone": "AvailabilityZone",
}


class ReservationShop:
    """Sells to whoever asks. `on_demand_usd` is what an hour of a host costs without."""

    def __init__(self) -> None:
        self.on_demand_usd = 0.0
        self._sold: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)

    def install(self) -> None:
        install(
            "ec2",
            {
                "describe_reserved_instances_offerings": self.offer,
                "purchase_reserved_instances_offering": self.sell,
                "describe_reserved_instances": self.describe,
            },
        )

    def offer(self, wanted: dict[str, Any]) -> dict[str, Any]:
        kind, zone = wanted.get("InstanceType"), wanted.get("AvailabilityZone")
        if kind is None:
            raise AwsError("MissingParameter", "the rehearsal offers reservations of one InstanceType at a time")
        scopes = [None, zone] if zone else [None]
        made = [
            self._offering(kind, years, payment, offering_class, scope)
            for (years, payment), offering_class, scope in itertools.product(
                _PRICE_SHARES, ("standard", "convertible"), scopes
            )
        ]
        found = [one for one in made if _wanted(one, wanted)]
        return {"ReservedInstancesOfferings": _filtered(found, wanted)}

    def sell(self, wanted: dict[str, Any]) -> dict[str, Any]:
        offering = self._named(wanted["ReservedInstancesOfferingId"])
        now = datetime.now(UTC)
        identifier = f"ri-{next(self._numbers):08x}"
        bought = {
            "ReservedInstancesId": identifier,
            "InstanceCount": int(wanted["InstanceCount"]),
            "Start": now,
            "End": now + timedelta(seconds=offering["Duration"]),
            "State": "active",
        }
        self._sold.append(offering | bought)
        return {"ReservedInstancesId": identifier}

    def describe(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return {"ReservedInstances": _filtered(self._sold, wanted)}

    def _offering(self, kind: str, years: int, payment: str, offering_class: str, zone: str | None) -> dict[str, Any]:
        factor = _CONVERTIBLE_FACTOR if offering_class == "convertible" else 1.0
        hourly = self.on_demand_usd * _PRICE_SHARES[years, payment] * factor
        at_once, seconds = _PAID_AT_ONCE[payment], years * _YEAR_SECONDS
        return {
            "ReservedInstancesOfferingId": "_".join((kind, str(years), payment, offering_class, zone or "")),
            "InstanceType": kind,
            "Duration": seconds,
            "OfferingType": payment,
            "OfferingClass": offering_class,
            "Scope": "Availability Zone" if zone else "Region",
            **({"AvailabilityZone": zone} if zone else {}),
            "FixedPrice": round(hourly * at_once * seconds / _HOUR_SECONDS, 2),
            "UsagePrice": 0.0,
            "RecurringCharges": [{"Amount": round(hourly * (1 - at_once), 4), "Frequency": "Hourly"}],
            "ProductDescription": "Linux/UNIX",
            "InstanceTenancy": "default",
            "CurrencyCode": "USD",
            "Marketplace": False,
        }

    def _named(self, identifier: str) -> dict[str, Any]:
        """An id says what is offered, so that nothing must be kept until somebody buys."""
        try:
            kind, years, payment, offering_class, zone = identifier.split("_")
            return self._offering(kind, int(years), payment, offering_class, zone or None)
        except (ValueError, KeyError):
            raise AwsError("InvalidReservedInstancesOfferingId", f"no offering {identifier}") from None


def _wanted(one: dict[str, Any], asked: dict[str, Any]) -> bool:
    shortest, longest = asked.get("MinDuration") or 0, asked.get("MaxDuration") or one["Duration"]
    fits = ("OfferingClass", "OfferingType", "ProductDescription", "InstanceTenancy")
    return int(shortest) <= one["Duration"] <= int(longest) and all(
        asked.get(name) in (None, one[name]) for name in fits
    )


def _filtered(found: Iterable[dict[str, Any]], asked: dict[str, Any]) -> list[dict[str, Any]]:
    kept = list(found)
    for rule in asked.get("Filters") or []:
        field = _FIELDS.get(rule["Name"])
        if field is None:
            raise AwsError("InvalidParameterValue", f"the rehearsal does not know the filter {rule['Name']!r}")
        kept = [one for one in kept if one.get(field) in rule["Values"]]
    return kept
