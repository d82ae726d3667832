"""One environment's AWS, as the engine's `Cloud` port: each method is one noun's read, `write` is the only change."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from scripts.aws import account, buckets, calls, capacity, definitions, images, rules, services
from scripts.aws.clients import Clients
from scripts.aws.model import (
    Alarm,
    Call,
    CapacityReservation,
    Definition,
    Group,
    Host,
    Image,
    Rule,
    Service,
    Target,
    Task,
)
from stacks.manifest import Manifest
from stacks.naming import Colour, Names, Part, model_marker


class AwsCloud:
    """Reads and writes of the environment that a manifest describes."""

    def __init__(self, clients: Clients, manifest: Manifest) -> None:
        self._clients = clients
        self._manifest = manifest

    @cached_property
    def identity(self) -> str:
        return account.identity(self._clients)

    @cached_property
    def smoke_key(self) -> str:
        return account.smoke_key(self._clients, self._manifest.secrets.smoke_key)

    def write(self, call: Call) -> Mapping[str, Any]:
        return calls.execute(self._clients, call)

    def traffic_rule(self) -> Rule:
        return rules.rule(self._clients, self._manifest.door.traffic_rule_arn)

    def preview_headers(self, colour: Colour) -> dict[str, str]:
        return rules.required_headers(rules.rule(self._clients, self._manifest.door.preview_rule_arns[colour]))

    def services(self) -> dict[tuple[Part, Colour], Service]:
        names = {(p, c): self._manifest.slot(p, c).service for p in Part for c in Colour}
        found = services.services(self._clients, self._manifest.cluster, names.values())
        return {slot: found[name] for slot, name in names.items()}

    def tasks(self, part: Part, colour: Colour, stopped: bool = False) -> tuple[Task, ...]:
        service = self._manifest.slot(part, colour).service
        return services.tasks(self._clients, self._manifest.cluster, service, stopped)

    def targets(self, part: Part, colour: Colour) -> tuple[Target, ...]:
        return services.targets(self._clients, self._manifest.slot(part, colour).target_group_arn)

    def definition(self, reference: str) -> Definition:
        return definitions.definition(self._clients, reference)

    def image(self, part: Part, digest: str) -> Image | None:
        return images.image(self._clients, self._manifest.repositories[part], digest)

    def model_is_complete(self, model: str) -> bool:
        return buckets.has_object(self._clients, self._manifest.model_bucket, model_marker(model))

    def hosts(self) -> tuple[Host, ...]:
        return capacity.hosts(self._clients, self._manifest.cluster)

    def group(self) -> Group:
        return capacity.group(self._clients, self._manifest.capacity.autoscaling_group)

    def quota_vcpus(self) -> float:
        return capacity.quota_vcpus(self._clients, capacity.G_AND_VT_QUOTA)

    def release_reservations(self, release: str) -> tuple[str, ...]:
        return capacity.release_reservations(self._clients, release)

    def reservations(self) -> tuple[CapacityReservation, ...]:
        return capacity.reservations(self._clients, self._manifest.capacity.instance_type)

    def reservation(self, identifier: str) -> CapacityReservation | None:
        return capacity.reservation(self._clients, identifier)

    def ringing_alarms(self) -> tuple[Alarm, ...]:
        return account.ringing(self._clients, Names(self._manifest.environment).alarm_prefix)

    def secret_has_value(self, arn: str) -> bool:
        return account.has_value(self._clients, arn)

    def credentials_left_seconds(self) -> float | None:
        return account.credentials_left_seconds(self._clients)
