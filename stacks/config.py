"""The settings of one environment: the only reader of `pulumi.Config`.

Owns the shape (frozen dataclasses) and the reading. What a setting means and its default is documented in
`Pulumi.yaml` and nowhere else; how settings must relate to each other is in `relations.py`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import pulumi
from pulumi.runtime import config as runtime_config

from stacks.errors import NameTooLong, SettingsError
from stacks.instance_types import InstanceType, instance_type
from stacks.naming import Names, Part
from stacks.reading import build, read
from stacks.relations import broken

REHEARSAL = "rehearsal"
UNPINNED = "unpinned"


class NatGateways(StrEnum):
    """How many ways out of the private subnets there are."""

    ONE = "one"
    PER_ZONE = "per-zone"


class ExternalFallback(StrEnum):
    """Whether a request may leave for OpenAI when vLLM cannot answer it."""

    ALLOW = "allow"
    NEVER = "never"


@dataclass(frozen=True)
class Place:
    """Where the environment is."""

    region: str
    zones: tuple[str, ...]
    cidr: str
    nat_gateways: NatGateways


@dataclass(frozen=True)
class Entrance:
    """How clients reach it. `preview_token` routes to a colour and opens nothing."""

    domain_name: str = field(metadata={"find": "the name that clients will use, for example llm.your-domain"})
    certificate_arn: str = field(metadata={"find": "aws acm list-certificates"})
    allowed_source_ranges: tuple[str, ...]
    preview_token: str = field(
        repr=False,
        metadata={"secret": True, "find": 'pulumi config set --secret previewToken "$(openssl rand -hex 32)"'},
    )


@dataclass(frozen=True)
class Times:
    """The times that must fit together for a stream to survive a release."""

    stream_limit_seconds: int
    deregistration_delay_seconds: int
    idle_timeout_seconds: int
    keep_alive_seconds: int
    stop_timeout_seconds: int


@dataclass(frozen=True)
class TargetHealth:
    """How a target group decides about one part."""

    interval_seconds: int
    timeout_seconds: int
    healthy_count: int
    unhealthy_count: int


@dataclass(frozen=True)
class Health:
    """When a target, or a container, counts as healthy."""

    api_health_interval_seconds: int
    api_health_timeout_seconds: int
    api_healthy_count: int
    api_unhealthy_count: int
    vllm_health_interval_seconds: int
    vllm_health_timeout_seconds: int
    vllm_healthy_count: int
    vllm_unhealthy_count: int
    container_check_interval_seconds: int
    vllm_grace_seconds: int

    def of(self, part: Part) -> TargetHealth:
        if part is Part.API:
            return TargetHealth(
                self.api_health_interval_seconds,
                self.api_health_timeout_seconds,
                self.api_healthy_count,
                self.api_unhealthy_count,
            )
        return TargetHealth(
            self.vllm_health_interval_seconds,
            self.vllm_health_timeout_seconds,
            self.vllm_healthy_count,
            self.vllm_unhealthy_count,
        )


@dataclass(frozen=True)
class ApiSize:
    """Bounds and size of the gateway's tasks, for each colour."""

    api_minimum_count: int
    api_maximum_count: int
    api_cpu_units: int
    api_memory_mib: int


@dataclass(frozen=True)
class VllmSize:
    """Bounds and size of the inference tasks, for each colour. Each task takes one whole GPU."""

    vllm_minimum_count: int
    vllm_maximum_count: int
    vllm_memory_mib: int
    vllm_shared_memory_mib: int


@dataclass(frozen=True)
class Hosts:
    """The GPU hosts. `hourly_usd` is the on-demand price of one; `reserved_hosts` are paid for at all times."""

    instance_type: str
    gpu_ami_id: str = field(
        metadata={
            "find": "aws ssm get-parameter --query Parameter.Value --name "
            "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"
        }
    )
    maximum_hosts: int
    reserved_hosts: int
    hourly_usd: float

    @property
    def kind(self) -> InstanceType:
        return instance_type(self.instance_type)


@dataclass(frozen=True)
class Fallback:
    """Who answers when vLLM cannot."""

    external_fallback: ExternalFallback
    openai_base_url: str
    openai_model: str

    @property
    def allowed(self) -> bool:
        return self.external_fallback is ExternalFallback.ALLOW


@dataclass(frozen=True)
class Observation:
    """What is kept to look at afterwards, and who collects it."""

    collector_image: str
    log_retention_days: int


@dataclass(frozen=True)
class ReleaseNumbers:
    """The numbers that decide how a release is made; the manifest hands them to the tasks."""

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
class Settings:
    """Everything that differs between environments."""

    environment: str
    place: Place
    entrance: Entrance
    times: Times
    health: Health
    api: ApiSize
    vllm: VllmSize
    hosts: Hosts
    fallback: Fallback
    observation: Observation
    release: ReleaseNumbers


def load() -> Settings:
    """The settings of the stack that runs. Raises SettingsError with every problem at once."""
    project = pulumi.get_project()
    found = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
    mine = {key.partition(":")[2]: str(value) for key, value in found.items() if key.startswith(f"{project}:")}
    return parse(pulumi.get_stack(), mine)


def parse(environment: str, text: dict[str, str]) -> Settings:
    """Settings from text, by key. Raises SettingsError with every problem at once."""
    problems = _unusable_name(environment)
    values, unreadable = read(Settings, text)
    problems += unreadable
    problems += broken({**values, "environment": environment})
    if problems:
        raise SettingsError(problems)
    return build(Settings, {**values, "environment": environment})


def _unusable_name(environment: str) -> list[str]:
    try:
        Names(environment)
    except NameTooLong as error:
        return [str(error)]
    return []
