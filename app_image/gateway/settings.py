"""What a gateway task is told: frozen dataclasses, with the numbers that no operator should need to turn as defaults.

Who reads them from where is gateway.environment; no other module looks at a variable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

SMOKE_KEY_NAME = "(smoke)"
"""Whose requests a log line means when they came with SWITCHYARD_SMOKE_KEY; no operator would choose it."""


class Colour(StrEnum):
    """A physical slot of the API or of vLLM."""

    BLUE = "blue"
    GREEN = "green"


class ExternalFallback(StrEnum):
    """Whether a prompt may leave for OpenAI when vLLM cannot answer."""

    ALLOW = "allow"
    NEVER = "never"


@dataclass(frozen=True)
class Limits:
    """How long, and how much, is waited for. `total_seconds` is the deployment's stream limit.

    `idle_seconds`, the longest silence within an answer, is at most a quarter of it: a client that has seen nothing
    yet must still have time for another tier when a host goes silent. None: no limit of that kind.
    """

    connect_seconds: float = 1.0
    first_content_seconds: float = 5.0
    idle_seconds: float = 20.0
    total_seconds: float = 600.0
    head_seconds: float = 10.0
    head_bytes: int = 64 * 1024
    body_seconds: float = 30.0
    body_bytes: int = 2 * 1024 * 1024
    json_depth: int = 64
    output_tokens: int | None = None
    prompt_characters: int | None = None

    def within(self, seconds: float) -> "Limits":
        """The same for a client that waits `seconds`: each shrinks so far that another tier still fits behind it."""
        if seconds >= self.total_seconds:
            return self
        return replace(
            self,
            connect_seconds=min(self.connect_seconds, seconds / 4),
            idle_seconds=min(self.idle_seconds, seconds / 4),
            total_seconds=seconds,
        )


@dataclass(frozen=True)
class AdmissionPolicy:
    """How many requests are answered at once, how many may wait for a place, and for how long; and how much memory the
    bodies take that are still coming."""

    in_flight: int = 256
    queued: int = 64
    queue_seconds: float = 1.0
    coming_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True)
class BreakerPolicy:
    """After how many failures in a row an upstream is left alone, and for how long. A probe has succeeded when its
    answer is whole, or is coming `probe_seconds` after it was asked for."""

    failures: int = 5
    open_seconds: float = 60.0
    probe_seconds: float = 10.0


@dataclass(frozen=True)
class RetryPolicy:
    """How a tier may be asked once more: in full jitter up to `jitter_seconds`, while at most `share` of what is in
    flight are second tries (but always `minimum` of them, or a quiet task could never try again)."""

    jitter_seconds: float = 0.02
    share: float = 0.1
    minimum: int = 2


@dataclass(frozen=True)
class Price:
    """List price of tokens."""

    input_usd_per_million: float = 0.0
    output_usd_per_million: float = 0.0


@dataclass(frozen=True)
class OpenAiAccount:
    """The paid tier: where, as which model, with which key, up to what it may cost.

    `aliases`: names by which clients ask for it first, and the model each one means. `completions_model` answers
    /v1/completions, which its chat models do not; None: that path has no paid tier.
    """

    base_url: str
    model: str
    api_key: str = field(repr=False)
    aliases: Mapping[str, str] = field(default_factory=dict)
    completions_model: str | None = None
    context_tokens: int = 128_000
    first_content_seconds: float = 5.0
    in_flight: int = 64
    price: Price = Price(2.5, 10.0)
    monthly_cap_usd: float | None = None


@dataclass(frozen=True)
class CachePolicy:
    """How long an answer may stand in for a model that fails, and how large it may be. `entries`: in memory only."""

    max_age_seconds: float = 86_400.0
    answer_bytes: int = 256 * 1024
    entries: int = 1_000


@dataclass(frozen=True)
class Tables:
    """The environment's DynamoDB tables. A task that is told none keeps everything in its own memory."""

    region: str
    ledger: str
    keys: str
    cache: str
    usage: str


@dataclass(frozen=True)
class Settings:
    """All that a gateway task is told. `overflow_queue_depth`: vLLM's queue from which requests go to the next tier.
    `vllm_api_key`: of a server that wants one; in AWS security groups are what keeps others away from vLLM."""

    release: str
    colour: Colour
    model_colour: Colour
    model: str
    vllm_url: str
    api_keys: Mapping[str, str] = field(repr=False)
    vllm_api_key: str | None = field(default=None, repr=False)
    model_revision: str = "unknown"
    model_aliases: frozenset[str] = frozenset()
    vllm_price: Price = Price()
    openai: OpenAiAccount | None = None
    limits: Limits = Limits()
    admission: AdmissionPolicy = AdmissionPolicy()
    breaker: BreakerPolicy = BreakerPolicy()
    retry: RetryPolicy = RetryPolicy()
    cache: CachePolicy | None = CachePolicy()
    tables: Tables | None = None
    overflow_queue_depth: int | None = None
    bind_address: str = "0.0.0.0"  # noqa: S104 - a container listens on all of its own interfaces
    http_port: int = 8080
    metrics_port: int = 9090
    keep_alive_seconds: int = 75
    stop_timeout_seconds: float = 120.0
    idle_grace_seconds: float = 1.0
