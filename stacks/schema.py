"""The shape of one environment's settings: frozen dataclasses, one for each chapter of `Pulumi.yaml`.

What a setting means and its default is documented in `Pulumi.yaml` and nowhere else; who reads it is `config.py`; how
settings must relate to each other is in `relations/`. A field of type `… | None` may be left empty.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from stacks.external_fallback import ExternalFallback
from stacks.instance_types import InstanceType, instance_type
from stacks.naming import Part


class NatGateways(StrEnum):
    """How many ways out of the private subnets there are."""

    ONE = "one"
    PER_ZONE = "per-zone"


@dataclass(frozen=True)
class Place:
    """Where the environment is."""

    region: str
    zones: tuple[str, ...]
    cidr: str
    nat_gateways: NatGateways
    interface_endpoints: tuple[str, ...]


@dataclass(frozen=True)
class Entrance:
    """How clients reach it. A preview token routes to a colour and opens nothing."""

    domain_name: str = field(metadata={"find": "the name that clients will use, for example llm.your-domain"})
    certificate_arn: str | None
    hosted_zone_id: str | None
    allowed_source_ranges: tuple[str, ...]
    peak_requests_per_second: int
    preview_token: str = field(
        repr=False,
        metadata={
            "secret": True,
            "find": "openssl rand -hex 32 | tr -d '\\n' | pulumi config set --secret previewToken",
        },
    )
    previous_preview_token: str | None = field(repr=False, metadata={"secret": True})

    @property
    def preview_tokens(self) -> tuple[str, ...]:
        """The one in use first, then the one that is on its way out."""
        return tuple(token for token in (self.preview_token, self.previous_preview_token) if token)


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
    api_requests_per_target: int
    api_cpu_percent: int


@dataclass(frozen=True)
class VllmSize:
    """Bounds and size of the inference tasks, for each colour. Each task takes one whole GPU."""

    vllm_minimum_count: int
    vllm_maximum_count: int
    vllm_memory_mib: int
    vllm_shared_memory_mib: int
    vllm_queue_per_task: int


@dataclass(frozen=True)
class Hosts:
    """The GPU hosts. `hourly_usd` is the on-demand price of one; `reserved_hosts` are paid for at all times."""

    instance_type: str
    gpu_ami_id: str = field(
        metadata={
            "find": "aws ssm get-parameter --region REGION --query Parameter.Value --name "
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
    openai_aliases: tuple[str, ...]
    openai_completions_model: str | None
    openai_input_usd_per_million: float
    openai_output_usd_per_million: float
    openai_monthly_cap_usd: float
    openai_max_in_flight: int

    @property
    def allowed(self) -> bool:
        return self.external_fallback is ExternalFallback.ALLOW

    @property
    def model_of_alias(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for pair in self.openai_aliases)


@dataclass(frozen=True)
class Treatment:
    """How the gateway treats requests."""

    model_aliases: tuple[str, ...]
    api_maximum_in_flight: int
    breaker_failures: int
    breaker_open_seconds: float
    cache_seconds: int
    max_output_tokens: int | None
    prompt_limit_characters: int | None
    overflow_queue_depth: int | None


@dataclass(frozen=True)
class Observation:
    """What is kept to look at afterwards, who collects it, and who is told."""

    collector_image: str
    gpu_exporter_image: str
    log_retention_days: int
    alert_emails: tuple[str, ...]
    monthly_budget_usd: int


@dataclass(frozen=True)
class Access:
    """Who may release, who may operate, and whether anybody gets a shell in a container."""

    github_repository: str | None
    github_environment: str | None
    operator_principal_arns: tuple[str, ...]
    execute_command: bool


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
    treatment: Treatment
    observation: Observation
    access: Access
    release: ReleaseNumbers
