"""An AWS account in memory, as the engine's `Cloud`: reads may be stale, writes are recorded and may be refused.

It also watches: a vLLM colour that traffic depends on must never be stopped, and an API colour with weight neither.
"""

import copy
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from scripts.aws.model import (
    Alarm,
    Call,
    CapacityReservation,
    Definition,
    Group,
    Hidden,
    Host,
    Image,
    Rule,
    Service,
    Target,
    Task,
)
from scripts.release import weights
from stacks.manifest import Manifest
from stacks.naming import Colour, Names, Part
from tests.scripts.examples import actions, template
from tests.scripts.fake_capacity import FakeCapacity
from tests.scripts.fake_clock import FakeClock
from tests.scripts.fake_ecs import FakeEcs

TOKEN = "0123456789abcdef"


class FakeCloud:
    """`before_write` may raise or let somebody in; `stale_seconds` holds reads of ECS and the rule back."""

    identity = "assumed-role/deployer/ana"
    smoke_key = "smoke-key"

    def __init__(self, manifest: Manifest, clock: FakeClock) -> None:
        self.manifest, self.clock = manifest, clock
        self.definitions: dict[str, Definition] = {}
        for part in Part:
            self.publish_template(part, 1)
        self.ecs = FakeEcs(manifest, self.definitions)
        self.actions = actions(manifest, 1, 0)
        self.past: list[tuple[float, list[dict[str, Any]], FakeEcs]] = []
        self.stale_seconds = 0.0
        self.calls: list[Call] = []
        self.before_write: list[Callable[[Call], None]] = []
        self.violations: list[str] = []
        self.capacity = FakeCapacity(manifest, lambda: [host.zone for host in self.ecs.running_hosts()])
        self.missing_images: set[str] = set()
        self.missing_models: set[str] = set()
        self.platforms: tuple[str, ...] | None = ("linux/amd64",)
        self.alarms: tuple[Alarm, ...] = ()
        self.secrets_missing: set[str] = set()
        self.secrets_since: dict[str, datetime] = {}
        self.quota = 64.0
        self.group_maximum = manifest.capacity.maximum_hosts
        self.credentials_seconds: float | None = None
        clock.on_move.append(self._moved)

    def publish_template(self, part: Part, revision: int) -> None:
        names = Names(self.manifest.environment)
        arn = f"arn:aws:ecs:us-east-1:123456789012:task-definition/{names.template(part)}:{revision}"
        self.definitions[arn] = Definition(arn, template(part, names))

    def write(self, call: Call) -> Mapping[str, Any]:
        for hook in list(self.before_write):
            hook(call)
        self._remember()
        self.calls.append(call)
        answer: Mapping[str, Any] = getattr(self, f"_{call.operation}")(call.parameters)
        self._watch(call)
        return answer

    def traffic_rule(self) -> Rule:
        return Rule(self.manifest.door.traffic_rule_arn, tuple(self._seen()[0]))

    def preview_headers(self, colour: Colour) -> dict[str, str]:
        return {"x-switchyard-preview": TOKEN, "x-switchyard-preview-colour": str(colour)}

    def services(self) -> dict[tuple[Part, Colour], Service]:
        ecs = self._seen()[1]
        return {slot: ecs.service(slot, self.clock.seconds) for slot in ecs.slots}

    def tasks(self, part: Part, colour: Colour, stopped: bool = False) -> tuple[Task, ...]:
        ecs = self._seen()[1]
        if stopped:
            return ecs.ended((part, colour))
        return ecs.tasks((part, colour), self.clock.seconds)

    def targets(self, part: Part, colour: Colour) -> tuple[Target, ...]:
        return self._seen()[1].targets((part, colour), self.clock.seconds)

    def definition(self, reference: str) -> Definition:
        if reference in self.definitions:
            return self.definitions[reference]
        return [found for found in self.definitions.values() if found.body["family"] == reference][-1]

    def image(self, part: Part, digest: str) -> Image | None:
        return None if digest in self.missing_images else Image(digest, self.platforms)

    def model_is_complete(self, model: str) -> bool:
        return model not in self.missing_models

    def hosts(self) -> tuple[Host, ...]:
        return self.ecs.running_hosts()

    def group(self) -> Group:
        return Group(0, self.ecs.hosts, self.group_maximum)

    def quota_vcpus(self) -> float:
        return self.quota

    def release_reservations(self, release: str) -> tuple[str, ...]:
        return self.capacity.of_release(release)

    def reservations(self) -> tuple[CapacityReservation, ...]:
        return self.capacity.active()

    def reservation(self, identifier: str) -> CapacityReservation | None:
        return self.capacity.one(identifier)

    def ringing_alarms(self) -> tuple[Alarm, ...]:
        return self.alarms

    def secret_has_value(self, arn: str) -> bool:
        return arn not in self.secrets_missing

    def credentials_left_seconds(self) -> float | None:
        return self.credentials_seconds

    @property
    def weights(self) -> weights.Weights:
        """The truth, never stale."""
        return weights.read(self.manifest, self.actions)

    def operations(self) -> list[str]:
        return [call.operation for call in self.calls]

    def _ModifyRule(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.actions = copy.deepcopy(list(parameters["Actions"]))
        return {}

    def _UpdateService(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        primary = {"id": self.ecs.update(parameters), "status": "PRIMARY"}
        return {"service": {"deployments": [primary]}}

    def _PutSecretValue(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        hidden = parameters["SecretString"]
        assert isinstance(hidden, Hidden)
        self.ecs.secrets[parameters["SecretId"]] = hidden.value
        self.secrets_since[parameters["SecretId"]] = self.clock.now()
        return {}

    def _RegisterTaskDefinition(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"taskDefinition": {"taskDefinitionArn": self.ecs.register(parameters)}}

    def _RegisterScalableTarget(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        name = parameters["ResourceId"].rsplit("/", 1)[-1]
        slot = next(s for s in self.ecs.slots if self.manifest.slot(*s).service == name)
        self.ecs.slots[slot].bounds = (parameters["MinCapacity"], parameters["MaxCapacity"])
        self.ecs.slots[slot].scale_in = not parameters["SuspendedState"]["DynamicScalingInSuspended"]
        return {}

    def _CreateCapacityReservation(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"CapacityReservation": {"CapacityReservationId": self.capacity.create(parameters)}}

    def _CancelCapacityReservation(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.capacity.cancel(parameters["CapacityReservationId"])
        return {}

    def _watch(self, call: Call) -> None:
        now = self.clock.seconds
        for colour in Colour:
            said = self.ecs.variables((Part.API, colour)).get("SWITCHYARD_MODEL_COLOUR")
            if said and self.ecs.slots[Part.API, colour].tasks and not self.ecs.slots[Part.VLLM, Colour(said)].desired:
                self.violations.append(f"{now:.1f} {call.operation}: api {colour} still drains and calls vllm {said}")
        for colour in (
            c for c in Colour if self.weights[c] and self.ecs.variables((Part.API, c)).get("SWITCHYARD_RELEASE")
        ):
            model_colour = Colour(self.ecs.variables((Part.API, colour))["SWITCHYARD_MODEL_COLOUR"])
            for slot in ((Part.API, colour), (Part.VLLM, model_colour)):
                if self.ecs.slots[slot].desired == 0:
                    self.violations.append(f"{now:.1f} {call.operation} {call.parameters}: {slot} is in use and at 0")

    def _moved(self) -> None:
        self._remember()
        self.ecs.move(self.clock.seconds)

    def _remember(self) -> None:
        if self.stale_seconds:
            self.past.append((self.clock.seconds, copy.deepcopy(self.actions), copy.deepcopy(self.ecs)))

    def _seen(self) -> tuple[list[dict[str, Any]], FakeEcs]:
        old = [entry for entry in self.past if entry[0] >= self.clock.seconds - self.stale_seconds]
        return (old[0][1], old[0][2]) if self.stale_seconds and old else (self.actions, self.ecs)
