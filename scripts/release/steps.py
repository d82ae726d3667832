"""The closed set of steps that plans are made of: what a step says, and the AWS calls that it makes. Pure data.

A step with a result (a task definition's ARN) is referred to by a later one through `Made`; the runner fills it in.
Traffic steps are in traffic_steps.py, how steps are carried out in performing.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from scripts.aws.capacity import RELEASE_TAG
from scripts.aws.model import Call
from scripts.release.ledger import Outcome
from scripts.release.model import Placement, Release
from stacks.manifest import Manifest
from stacks.naming import PURPOSE_TAG, RELEASE_PURPOSE, STACK_TAG, Colour, Names, Part


@dataclass(frozen=True)
class Made:
    """The ARN of the task definition that an earlier step registers for a slot."""

    part: Part
    colour: Colour

    def __str__(self) -> str:
        return f"<the task definition registered for {self.part} {self.colour}>"


@dataclass(frozen=True)
class Step:
    """Base. `name` goes into the ledger and `--json`, `saying` to the terminal."""

    verb: ClassVar[str]

    @property
    def name(self) -> str:
        return self.verb

    @property
    def saying(self) -> str:
        raise NotImplementedError

    def calls(self, manifest: Manifest) -> tuple[Call, ...]:
        """Calls that change something, in order."""
        return ()


@dataclass(frozen=True)
class SlotStep(Step):
    """A step on one colour of one part."""

    part: Part
    colour: Colour

    @property
    def name(self) -> str:
        return f"{self.verb} {self.slot}"

    @property
    def slot(self) -> str:
        return f"{self.part} {self.colour}"


@dataclass(frozen=True)
class Reserve(Step):
    """Prove that EC2 has `hosts` more: a short on-demand reservation, tried zone by zone.

    It must be open: a targeted one would be kept from what the auto scaling group launches. But running hosts that
    match move into an open one (EC2 user guide, "Create a Capacity Reservation"), so a place is asked for each of
    `unreserved` too, by zone: used places cost nothing beside their host. It ends by itself at `until`, so that a
    crash cannot leave it on the bill.
    """

    verb = "reserve hosts"
    release: str
    hosts: int
    until: datetime
    unreserved: Mapping[str, int] = field(default_factory=dict)

    @property
    def saying(self) -> str:
        beside = " beside those that run" if self.unreserved else ""
        return f"Reserving {self.hosts} GPU host{'s' if self.hosts > 1 else ''} for the start{beside}"

    def calls(self, manifest: Manifest) -> tuple[Call, ...]:
        """The first try; where a zone has no hosts the same call follows for the next zone."""
        return (self.attempt(manifest, manifest.capacity.zones[0], self.hosts),)

    def attempt(self, manifest: Manifest, zone: str, hosts: int) -> Call:
        mine, count = Names(manifest.environment).prefix, hosts + self.unreserved.get(zone, 0)
        tags = {PURPOSE_TAG: RELEASE_PURPOSE, RELEASE_TAG: self.release, STACK_TAG: mine}
        return Call(
            "ec2",
            "CreateCapacityReservation",
            {
                "InstanceType": manifest.capacity.instance_type,
                "InstancePlatform": "Linux/UNIX",
                "AvailabilityZone": zone,
                "InstanceCount": count,
                "InstanceMatchCriteria": "open",
                "EndDateType": "limited",
                "EndDate": self.until,
                "ClientToken": f"{self.release}-{zone}-{count}",
                "TagSpecifications": [
                    {
                        "ResourceType": "capacity-reservation",
                        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
                    }
                ],
            },
        )


@dataclass(frozen=True)
class CancelReservation(Step):
    """Give the reservation back: the hosts run, or nobody needs them any more."""

    verb = "cancel reservation"
    release: str

    @property
    def saying(self) -> str:
        return "Cancelling the release reservation"

    def calls(self, manifest: Manifest) -> tuple[Call, ...]:
        return (self.cancel("<the reservation made above>"),)

    def cancel(self, reservation: str) -> Call:
        return Call("ec2", "CancelCapacityReservation", {"CapacityReservationId": reservation})


@dataclass(frozen=True)
class Register(SlotStep):
    """Register the task definition of a release: the newest template with image and variables set."""

    verb = "register"
    parameters: Mapping[str, Any]

    @property
    def saying(self) -> str:
        return f"Registering the task definition of {self.slot}"

    def calls(self, manifest: Manifest) -> tuple[Call, ...]:
        return (Call("ecs", "RegisterTaskDefinition", self.parameters),)


@dataclass(frozen=True)
class Bound(SlotStep):
    """Set the bounds of autoscaling, and whether it may scale in."""

    verb = "bound"
    minimum: int
    maximum: int
    scale_in: bool

    @property
    def saying(self) -> str:
        scale_in = "" if self.scale_in else ", scale-in suspended"
        return f"Bounding {self.slot} to {self.minimum} to {self.maximum} tasks{scale_in}"

    def calls(self, manifest: Manifest) -> tuple[Call, ...]:
        service = manifest.slot(self.part, self.colour).service
        parameters = {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{manifest.cluster}/{service}",
            "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": self.minimum,
            "MaxCapacity": self.maximum,
            "SuspendedState": {
                "DynamicScalingInSuspended": not self.scale_in,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
        }
        return (Call("application-autoscaling", "RegisterScalableTarget", parameters),)


@dataclass(frozen=True)
class Scale(SlotStep):
    """One UpdateService: the count, and the task definition where it changes."""

    verb = "scale"
    count: int
    definition: Made | None = None

    @property
    def saying(self) -> str:
        return f"Scaling {self.slot} to {self.count}" if self.count else f"Stopping {self.slot}"

    def calls(self, manifest: Manifest) -> tuple[Call, ...]:
        parameters: dict[str, Any] = {
            "cluster": manifest.cluster,
            "service": manifest.slot(self.part, self.colour).service,
            "desiredCount": self.count,
        }
        if self.definition:
            parameters["taskDefinition"] = self.definition
        return (Call("ecs", "UpdateService", parameters),)


@dataclass(frozen=True)
class AwaitRunning(SlotStep):
    """Wait until the slot's current revision runs `count` healthy tasks."""

    verb = "await"
    count: int

    @property
    def saying(self) -> str:
        return f"Waiting for {self.count} healthy {self.slot} task{'s' if self.count > 1 else ''}"


@dataclass(frozen=True)
class AwaitStopped(SlotStep):
    """Wait until the load balancer has drained the slot and its tasks have ended."""

    verb = "drain"

    @property
    def saying(self) -> str:
        return f"Waiting for {self.slot} to finish its requests and stop"


@dataclass(frozen=True)
class AwaitHostsGone(Step):
    """Wait until only `hosts` GPU hosts are left, or say which one stays and what it costs."""

    verb = "await hosts gone"
    hosts: int

    @property
    def saying(self) -> str:
        return f"Waiting for surplus GPU hosts to go ({self.hosts} needed)"


@dataclass(frozen=True)
class Smoke(Step):
    """Ask the candidate real questions through its preview rule, on every address of the door."""

    verb = "smoke"
    placement: Placement
    model: str

    @property
    def saying(self) -> str:
        return f"Asking {self.placement.release} on {self.placement.colour} through the preview rule"


class Event(StrEnum):
    """What the ledger's book is told."""

    STARTING = "starting"
    READY = "ready"
    SWITCHED = "switched"
    EMPTIED = "emptied"


_RECORDING = {
    Event.STARTING: "Recording the release",
    Event.READY: "Recording that it is ready",
    Event.SWITCHED: "Recording that it is live",
    Event.EMPTIED: "Recording that the idle colour is empty",
}


@dataclass(frozen=True)
class Record(Step):
    """Write an event into the ledger. `outcome` is what became of the release that it is about."""

    verb = "record"
    event: Event
    outcome: Outcome
    release: Release | None = None
    placement: Placement | None = None

    @property
    def name(self) -> str:
        return f"record {self.event}"

    @property
    def saying(self) -> str:
        return _RECORDING[self.event]
