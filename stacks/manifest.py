"""The environment's facts that Pulumi writes last and the tasks read first.

One item (`pk=manifest`, `sk=current`) in the table `switchyard-<env>-ledger`; its attribute `body` is the
JSON made here. It holds no secrets. A field is added with a default and removed one release later
(expand, then contract), so that tasks of the release before and after can read it.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from typing import Any, TypeVar, get_type_hints

from stacks.errors import ManifestError
from stacks.naming import Colour, Part

SCHEMA_VERSION = 1
ITEM_KEY = {"pk": "manifest", "sk": "current"}


@dataclass(frozen=True)
class Slot:
    """One colour of one part. `service` is the ECS service's name."""

    service: str
    task_family: str
    template_family: str
    target_group_arn: str
    container: str
    container_port: int
    minimum_count: int
    maximum_count: int


@dataclass(frozen=True)
class SlotPair:
    """Both colours of one part."""

    blue: Slot
    green: Slot

    def __getitem__(self, colour: Colour) -> Slot:
        return self.blue if colour is Colour.BLUE else self.green


@dataclass(frozen=True)
class ColourText:
    """One string for each colour."""

    blue: str
    green: str

    def __getitem__(self, colour: Colour) -> str:
        return self.blue if colour is Colour.BLUE else self.green


@dataclass(frozen=True)
class Door:
    """The public load balancer. `url` is what clients use; the rehearsal's connection file overrides it."""

    url: str
    dns_name: str
    listener_arn: str
    load_balancer_arn: str
    traffic_rule_arn: str
    preview_rule_arns: ColourText


@dataclass(frozen=True)
class Capacity:
    """The hosts that carry vLLM.

    `hourly_usd` is the on-demand price of one host, `gpu_ami_id` its image; `reserved_hosts` are paid for at all times.
    """

    capacity_provider: str
    autoscaling_group: str
    instance_type: str
    gpus_per_host: int
    vcpus_per_host: int
    zones: tuple[str, ...]
    maximum_hosts: int
    hourly_usd: float
    reserved_hosts: int = 0
    gpu_ami_id: str = ""


@dataclass(frozen=True)
class Secrets:
    """ARNs of the secrets, never their values."""

    api_keys: str
    smoke_key: str
    openai_key: str | None


@dataclass(frozen=True)
class Policy:
    """Numbers that decide how a release is made. All durations are in seconds."""

    stream_limit_seconds: float
    deregistration_delay_seconds: float
    start_timeout_seconds: float
    poll_seconds: float
    probe_answers: int
    switch_timeout_seconds: float
    hold_seconds: float
    bake_seconds: float
    rollback_watch_seconds: float
    settle_timeout_seconds: float
    lease_seconds: float
    intent_valid_seconds: float
    unsettled_alarm_hours: float


@dataclass(frozen=True)
class Manifest:
    """All that a task needs to know about one environment. `repositories`: part to repository URL, without a tag."""

    environment: str
    region: str
    account_id: str
    cluster: str
    door: Door
    api: SlotPair
    vllm: SlotPair
    vllm_urls: ColourText
    repositories: dict[str, str]
    ledger_table: str
    capacity: Capacity
    secrets: Secrets
    policy: Policy
    kit_version: str
    model_bucket: str = ""
    log_bucket: str = ""
    schema_version: int = SCHEMA_VERSION

    def slot(self, part: Part, colour: Colour) -> Slot:
        return (self.api if part is Part.API else self.vllm)[colour]


def to_json(manifest: Manifest) -> str:
    """The item's `body`: sorted keys, so that two equal manifests are the same text."""
    return json.dumps(asdict(manifest), sort_keys=True)


def from_json(body: str) -> Manifest:
    """Read a manifest back.

    Raises ManifestError when the schema is newer than this kit, or a field is missing or of the wrong kind.
    """
    try:
        data = json.loads(body)
    except ValueError as error:
        raise ManifestError(f"the manifest is not JSON: {error}") from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        raise ManifestError(
            f"the manifest has schema version {version!r}, this kit reads {SCHEMA_VERSION}: "
            "use the kit that ran `pulumi up` last, or run `pulumi up` with this one"
        )
    return _build(Manifest, data, "manifest")


_T = TypeVar("_T")


def _build(kind: type[_T], data: Any, path: str) -> _T:
    if not isinstance(data, Mapping):
        raise ManifestError(f"{path}: expected an object, found {data!r}")
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in data:
            if field.default is not MISSING:
                continue
            raise ManifestError(f"{path}.{field.name} is missing: run `pulumi up` with this version of the kit")
        values[field.name] = _value(hints[field.name], data[field.name], f"{path}.{field.name}")
    return kind(**values)


def _value(hint: Any, value: Any, path: str) -> Any:
    if is_dataclass(hint):
        return _build(hint, value, path)  # type: ignore[arg-type]
    if hint == tuple[str, ...]:
        return tuple(value)
    if hint is float and isinstance(value, int | float):
        return float(value)
    if hint in (str, int) and not isinstance(value, hint):
        raise ManifestError(f"{path}: expected {hint.__name__}, found {value!r}")
    return value
