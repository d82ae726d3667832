"""EC2's capacity in memory: reservations are granted while a zone has hosts, and running hosts move into open ones."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scripts.aws.capacity import ACTIVE, PENDING, PERMANENT_PURPOSE, RELEASE_TAG
from scripts.aws.model import CapacityReservation
from scripts.errors import AwsFailed
from stacks.manifest import Manifest
from stacks.naming import PURPOSE_TAG, STACK_TAG, Names


@dataclass
class Entry:
    """A reservation, and how many reads still show it as pending. `unknown` reads before that do not find it."""

    found: CapacityReservation
    pending: int = 0
    unknown: int = 0


class FakeCapacity:
    """`launchable` is hosts that EC2 still has, by zone; `others` is zones of hosts that are not ours and run.

    Of a reservation's places only those that no running host moves into need a host that EC2 still has.
    """

    def __init__(self, manifest: Manifest, zones_of_hosts: Callable[[], Iterable[str]]) -> None:
        self.manifest, self._zones_of_hosts = manifest, zones_of_hosts
        self.launchable: dict[str, int] = dict.fromkeys(manifest.capacity.zones, 9)
        self.others: list[str] = []
        self.pending_reads = self.unknown_reads = 0
        self.refuses: AwsFailed | None = None
        self.entries: dict[str, Entry] = {}
        self._numbers = itertools.count(1)

    @property
    def released(self) -> bool:
        """No reservation of a release is left."""
        return not any(RELEASE_TAG in entry.found.tags for entry in self.entries.values())

    def keep(self, zone: str, hosts: int, environment: str | None = None) -> None:
        """A permanent reservation, as Pulumi makes it."""
        mine = Names(environment or self.manifest.environment).prefix
        tags = {"Name": f"{mine}-{zone}", PURPOSE_TAG: PERMANENT_PURPOSE, STACK_TAG: mine}
        self._add(zone, hosts, tags, None)

    def create(self, parameters: Mapping[str, Any]) -> str:
        zone, count = parameters["AvailabilityZone"], parameters["InstanceCount"]
        assert parameters["InstanceMatchCriteria"] == "open", "the group's launches target no reservation"
        if self.refuses is not None:
            raise self.refuses
        if count - self._movable(zone) > self.launchable[zone]:
            raise AwsFailed("ec2 CreateCapacityReservation: none here", "InsufficientInstanceCapacity")
        tags = {tag["Key"]: tag["Value"] for tag in parameters["TagSpecifications"][0]["Tags"]}
        return self._add(zone, count, tags, parameters["EndDate"])

    def cancel(self, identifier: str) -> None:
        """EC2 cancels what is active, and nothing else."""
        entry = self.entries[identifier]
        if entry.pending or entry.unknown:
            raise AwsFailed("ec2 CancelCapacityReservation: it is pending", "IncorrectState")
        del self.entries[identifier]

    def of_release(self, release: str) -> tuple[str, ...]:
        found = [entry.found for entry in self.entries.values() if not entry.unknown]
        return tuple(one.id for one in found if one.tags.get(RELEASE_TAG) == release)

    def active(self) -> tuple[CapacityReservation, ...]:
        return tuple(entry.found for entry in self._filled().values() if not entry.pending and not entry.unknown)

    def one(self, identifier: str) -> CapacityReservation | None:
        entry = self.entries[identifier]
        if entry.unknown:
            entry.unknown -= 1
            return None
        if entry.pending:
            entry.pending -= 1
            return replace(entry.found, state=PENDING)
        return self._filled()[identifier].found

    def _add(self, zone: str, hosts: int, tags: Mapping[str, str], end: datetime | None) -> str:
        identifier = f"cr-{next(self._numbers)}"
        reservation = CapacityReservation(identifier, zone, hosts, hosts, tags, end, ACTIVE)
        short = RELEASE_TAG in tags
        self.entries[identifier] = Entry(reservation, self.pending_reads * short, self.unknown_reads * short)
        return identifier

    def _filled(self) -> dict[str, Entry]:
        """The oldest first."""
        running, filled = self._running(), {}
        for identifier, entry in self.entries.items():
            used = min(entry.found.hosts, running[entry.found.zone])
            running[entry.found.zone] -= used
            free = entry.found.hosts - used
            filled[identifier] = replace(entry, found=replace(entry.found, free_hosts=free))
        return filled

    def _movable(self, zone: str) -> int:
        used = sum(e.found.hosts - e.found.free_hosts for e in self._filled().values() if e.found.zone == zone)
        return self._running()[zone] - used

    def _running(self) -> Counter[str]:
        return Counter([*self._zones_of_hosts(), *self.others])
