"""GPU hosts that run, that are reserved, and what stands idle at what price. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scripts.aws.capacity import PERMANENT_PURPOSE, RELEASE_TAG
from scripts.aws.model import CapacityReservation, Host
from scripts.aws.terms import Bought
from scripts.capacity.plan_report import reserved, reserved_line
from stacks.manifest import Manifest
from stacks.naming import PURPOSE_TAG, RELEASE_PURPOSE, Names


@dataclass(frozen=True)
class Standing:
    """`ours` are this environment's Capacity Reservations; `others` is how many the account has beside them."""

    manifest: Manifest
    hosts: tuple[Host, ...]
    ours: tuple[CapacityReservation, ...]
    others: int
    bought: tuple[Bought, ...]

    @property
    def reserved_hosts(self) -> int:
        return sum(found.hosts for found in self.ours)

    @property
    def unused_hosts(self) -> int:
        return sum(found.free_hosts for found in self.ours)

    @property
    def unused_hourly_usd(self) -> float:
        """A Capacity Reservation is billed at the on-demand rate whether its hosts run or not."""
        return self.unused_hosts * self.manifest.capacity.hourly_usd

    @property
    def active(self) -> tuple[Bought, ...]:
        return tuple(found for found in self.bought if found.state == "active")

    @property
    def covered_hosts(self) -> int:
        """Running hosts that Reserved Instances discount, if nothing else in the account takes the discount."""
        return covered(self.hosts, self.active)

    @property
    def text(self) -> str:
        return "\n".join([self._running(), *self._reservations(), *self._reserved_instances()])

    @property
    def body(self) -> dict[str, Any]:
        return {
            "environment": self.manifest.environment,
            "instance_type": self.manifest.capacity.instance_type,
            "running_hosts": len(self.hosts),
            "reserved_hosts": self.reserved_hosts,
            "used_hosts": self.reserved_hosts - self.unused_hosts,
            "unused_hosts": self.unused_hosts,
            "unused_hourly_usd": round(self.unused_hourly_usd, 3),
            "capacity_reservations": [_object(found) for found in self.ours],
            "other_capacity_reservations": self.others,
            "reserved_instances": [reserved(found) for found in self.bought],
            "covered_hosts": self.covered_hosts,
        }

    def _running(self) -> str:
        zones = ", ".join(f"{count} in {zone or '?'}" for zone, count in sorted(_by_zone(self.hosts).items()))
        kind = self.manifest.capacity.instance_type
        return f"{self.manifest.environment}: {len(self.hosts)} x {kind} run{f' ({zones})' if zones else ''}"

    def _reservations(self) -> list[str]:
        used, unused = self.reserved_hosts - self.unused_hosts, self.unused_hosts
        cost = f" at ${self.unused_hourly_usd:.2f}/h" if unused else ""
        lines = [f"Capacity Reservations: {self.reserved_hosts} hosts, {used} used, {unused} unused{cost}"]
        lines += [f"  {_line(found)}" for found in self.ours]
        if self.others:
            lines.append(f"  and {self.others} that are not {self.manifest.environment}'s")
        return lines

    def _reserved_instances(self) -> list[str]:
        if not self.bought:
            return ["Reserved Instances: none in the account"]
        total, running = sum(found.count for found in self.active), len(self.hosts)
        lines = [
            f"Reserved Instances: {total} active in the account, for {self.covered_hosts} of the {running} that run"
        ]
        return [*lines, *(f"  {reserved_line(found)}" for found in self.bought)]


def gpu_hosts(hosts: Iterable[Host]) -> tuple[Host, ...]:
    return tuple(host for host in hosts if host.gpus > 0)


def is_permanent(found: CapacityReservation, manifest: Manifest) -> bool:
    """Made by this environment's stack: it names the reservation after itself and the zone."""
    name = f"{Names(manifest.environment).prefix}-{found.zone}"
    return found.tags.get(PURPOSE_TAG) == PERMANENT_PURPOSE and found.tags.get("Name") == name


def release_of(found: CapacityReservation) -> str | None:
    """The release that a short reservation was made for; the ledger knows whether it is this environment's."""
    return found.tags.get(RELEASE_TAG) if found.tags.get(PURPOSE_TAG) == RELEASE_PURPOSE else None


def covered(hosts: Iterable[Host], active: Iterable[Bought]) -> int:
    """Zonal reservations discount hosts of their zone, regional ones any of the rest."""
    left, regional, total = _by_zone(hosts), 0, 0
    for found in active:
        if found.terms.zone is None:
            regional += found.count
            continue
        taken = min(found.count, left[found.terms.zone])
        left[found.terms.zone] -= taken
        total += taken
    return total + min(regional, sum(left.values()))


def _by_zone(hosts: Iterable[Host]) -> Counter[str]:
    return Counter(host.zone for host in hosts)


def _line(found: CapacityReservation) -> str:
    purpose = release_of(found) or PERMANENT_PURPOSE
    end = f"until {found.end:%Y-%m-%d %H:%M} UTC" if found.end else "no end"
    return f"{found.id}  {purpose}  {found.zone}  {found.hosts - found.free_hosts} of {found.hosts} used, {end}"


def _object(found: CapacityReservation) -> dict[str, Any]:
    return {
        "id": found.id,
        "purpose": release_of(found) or PERMANENT_PURPOSE,
        "zone": found.zone,
        "hosts": found.hosts,
        "unused_hosts": found.free_hosts,
        "end": found.end.isoformat() if found.end else None,
    }
