"""EC2's capacity as a release meets it: on-demand capacity reservations and the G/VT quota. moto has neither."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from rehearsal.cloud.additions import AwsError, install

G_AND_VT_QUOTA = "L-DB2E81BA"


class CapacityMarket:
    """Grants reservations while there is g5 to be had. `available` is turned off by the fault `no-g5`.

    `host_zones` names the zone of each host that runs: hosts move into open reservations of their zone, so a
    reservation for no more than those needs no g5 beside them. Reads show a new one as pending for `pending_seconds`.
    """

    def __init__(self, account_id: str, region: str, quota_vcpus: int, pending_seconds: float = 0.0) -> None:
        self.available = True
        self._pending_seconds = pending_seconds
        self.quota_vcpus = quota_vcpus
        self.host_zones: Callable[[], Iterable[str]] = tuple
        self._arn = f"arn:aws:ec2:{region}:{account_id}:capacity-reservation/"
        self._reservations: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def install(self) -> None:
        install(
            "ec2",
            {
                "create_capacity_reservation": self.create,
                "describe_capacity_reservations": self.describe,
                "modify_capacity_reservation": self.modify,
                "cancel_capacity_reservation": self.cancel,
            },
        )
        install("servicequotas", {"get_service_quota": self.quota})

    def create(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if not self.available and int(wanted["InstanceCount"]) > self._movable(wanted["AvailabilityZone"]):
            raise AwsError(
                "InsufficientInstanceCapacity",
                f"We currently do not have sufficient {wanted.get('InstanceType')} capacity in the Availability Zone "
                f"you requested ({wanted.get('AvailabilityZone')}).",
            )
        with self._lock:
            identifier = f"cr-{next(self._numbers):017x}"
            reservation = self._reservation(identifier, wanted)
            self._reservations[identifier] = reservation
        return {"CapacityReservation": self._seen(reservation)}

    def describe(self, wanted: dict[str, Any]) -> dict[str, Any]:
        identifiers = wanted.get("CapacityReservationIds") or list(self._reservations)
        found = [self._seen(self._find(identifier)) for identifier in identifiers]
        for rule in wanted.get("Filters") or []:
            found = [reservation for reservation in found if _passes(reservation, rule)]
        return {"CapacityReservations": found}

    def modify(self, wanted: dict[str, Any]) -> dict[str, Any]:
        reservation = self._find(wanted["CapacityReservationId"])
        if "InstanceCount" in wanted:
            reservation["TotalInstanceCount"] = wanted["InstanceCount"]
        return {"Return": True}

    def cancel(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """EC2 cancels what is active; a pending one is not in its list of states that can be cancelled."""
        reservation = self._find(wanted["CapacityReservationId"])
        if self._is_pending(reservation):
            raise AwsError("IncorrectState", f"{wanted['CapacityReservationId']} is pending (the code is a guess)")
        reservation["State"] = "cancelled"
        return {"Return": True}

    def quota(self, wanted: dict[str, Any]) -> dict[str, Any]:
        service, code = wanted.get("ServiceCode"), wanted.get("QuotaCode")
        if (service, code) != ("ec2", G_AND_VT_QUOTA):
            raise AwsError("NoSuchResourceException", f"no quota {code} of {service} in the rehearsal")
        value = float(self.quota_vcpus)
        return {"Quota": {"ServiceCode": service, "QuotaCode": code, "Value": value, "Unit": "None"}}

    def _seen(self, reservation: dict[str, Any]) -> dict[str, Any]:
        """As a read shows it now."""
        free = self._free().get(reservation["CapacityReservationId"], 0)
        state = "pending" if self._is_pending(reservation) else reservation["State"]
        return reservation | {"AvailableInstanceCount": free, "State": state}

    def _is_pending(self, reservation: dict[str, Any]) -> bool:
        made: datetime = reservation["CreateDate"]
        age_seconds = (datetime.now(UTC) - made).total_seconds()
        return bool(reservation["State"] == "active") and age_seconds < self._pending_seconds

    def _movable(self, zone: str) -> int:
        """Hosts of a zone that run outside of every reservation."""
        free, used = self._free(), 0
        for identifier, one in self._reservations.items():
            if identifier in free and one["AvailabilityZone"] == zone:
                used += one["TotalInstanceCount"] - free[identifier]
        return Counter(self.host_zones())[zone] - used

    def _free(self) -> dict[str, int]:
        """Hosts fill the active reservations of their zone, the oldest first."""
        hosts, free = Counter(self.host_zones()), {}
        for identifier, one in self._reservations.items():
            if one["State"] == "active":
                used = min(one["TotalInstanceCount"], hosts[one["AvailabilityZone"]])
                hosts[one["AvailabilityZone"]] -= used
                free[identifier] = one["TotalInstanceCount"] - used
        return free

    def _reservation(self, identifier: str, wanted: dict[str, Any]) -> dict[str, Any]:
        count = int(wanted.get("InstanceCount", 0))
        tags = [tag for spec in wanted.get("TagSpecifications") or [] for tag in spec.get("Tags", [])]
        return {
            "CapacityReservationId": identifier,
            "CapacityReservationArn": self._arn + identifier,
            "InstanceType": wanted.get("InstanceType"),
            "InstancePlatform": wanted.get("InstancePlatform"),
            "AvailabilityZone": wanted.get("AvailabilityZone"),
            "Tenancy": wanted.get("Tenancy", "default"),
            "TotalInstanceCount": count,
            "AvailableInstanceCount": count,
            "State": "active",
            "EndDateType": wanted.get("EndDateType", "unlimited"),
            "InstanceMatchCriteria": wanted.get("InstanceMatchCriteria", "open"),
            "CreateDate": datetime.now(UTC),
            **({"EndDate": wanted["EndDate"]} if "EndDate" in wanted else {}),
            "Tags": tags,
        }

    def _find(self, identifier: str) -> dict[str, Any]:
        try:
            return self._reservations[identifier]
        except KeyError:
            raise AwsError(
                "InvalidCapacityReservationId.NotFound", f"The capacity reservation {identifier} does not exist."
            ) from None


def _passes(reservation: dict[str, Any], rule: dict[str, Any]) -> bool:
    name, values = rule["Name"], rule["Values"]
    if name.startswith("tag:"):
        return any(tag["Key"] == name[4:] and tag["Value"] in values for tag in reservation["Tags"])
    field = {"state": "State", "instance-type": "InstanceType", "availability-zone": "AvailabilityZone"}.get(name)
    if field is None:
        raise AwsError("InvalidParameterValue", f"the rehearsal does not know the filter {name!r}")
    return reservation[field] in values
