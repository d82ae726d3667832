"""Reads the environment, once, into frozen dataclasses. No other module looks at a variable.

All problems are reported together, each with the variable, its value and what was expected; values of secrets are
never shown. Numbers that no operator should need to turn (ports, time limits apart from the total) are defaults of
the dataclasses and have no variable.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.errors import SettingsError
from gateway.variables import Variables

SMOKE_KEY_NAME = "(smoke)"
"""Whose requests a log line means when they came with SWITCHYARD_SMOKE_KEY; no operator would choose it."""

_HEADER_SAFE = re.compile(r"[A-Za-z0-9._:-]+")


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
    yet must still have time for another tier when a host goes silent.
    """

    connect_seconds: float = 1.0
    first_content_seconds: float = 5.0
    idle_seconds: float = 20.0
    total_seconds: float = 600.0
    body_seconds: float = 30.0
    body_bytes: int = 2 * 1024 * 1024


@dataclass(frozen=True)
class OpenAiAccount:
    """The paid tier: where, as which model, with which key."""

    base_url: str
    model: str
    api_key: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """All that a gateway task is told."""

    release: str
    colour: Colour
    model_colour: Colour
    model: str
    vllm_url: str
    api_keys: Mapping[str, str] = field(repr=False)
    openai: OpenAiAccount | None = None
    limits: Limits = Limits()
    bind_address: str = "0.0.0.0"  # noqa: S104 - a container listens on all of its own interfaces
    http_port: int = 8080
    metrics_port: int = 9090
    keep_alive_seconds: int = 75
    stop_timeout_seconds: float = 120.0
    idle_grace_seconds: float = 1.0


def load(environ: Mapping[str, str]) -> Settings:
    """Raises SettingsError with every problem of the environment at once."""
    env = Variables(environ)
    settings = Settings(
        release=env.text("SWITCHYARD_RELEASE", matching=_HEADER_SAFE, expected="letters, digits and . _ : -"),
        colour=env.choice("SWITCHYARD_COLOUR", Colour),
        model_colour=env.choice("SWITCHYARD_MODEL_COLOUR", Colour),
        model=env.text("SWITCHYARD_MODEL"),
        vllm_url=env.url("SWITCHYARD_VLLM_URL"),
        api_keys=_keys(env),
        openai=_openai(env),
        limits=_limits(env),
        bind_address=env.text("SWITCHYARD_BIND_ADDRESS", default=Settings.bind_address),
        keep_alive_seconds=env.whole("SWITCHYARD_KEEP_ALIVE_SECONDS", default=Settings.keep_alive_seconds),
        stop_timeout_seconds=env.number("SWITCHYARD_STOP_TIMEOUT_SECONDS", default=Settings.stop_timeout_seconds),
    )
    if env.problems:
        raise SettingsError(env.problems)
    return settings


def _limits(env: Variables) -> Limits:
    total_seconds = env.number("SWITCHYARD_STREAM_LIMIT_SECONDS", default=Limits.total_seconds)
    return Limits(
        idle_seconds=min(Limits.idle_seconds, total_seconds / 4),
        total_seconds=total_seconds,
        body_bytes=env.whole("SWITCHYARD_BODY_LIMIT_BYTES", default=Limits.body_bytes),
    )


def _keys(env: Variables) -> dict[str, str]:
    keys = env.secrets_by_name("SWITCHYARD_API_KEYS")
    smoke_key = env.secret("SWITCHYARD_SMOKE_KEY")
    if smoke_key:
        keys[SMOKE_KEY_NAME] = smoke_key
    return keys


def _openai(env: Variables) -> OpenAiAccount | None:
    # Data leaves only by decision: nothing said means never.
    fallback = env.choice("SWITCHYARD_EXTERNAL_FALLBACK", ExternalFallback, default=ExternalFallback.NEVER)
    api_key = env.secret("OPENAI_API_KEY")
    if fallback is ExternalFallback.NEVER or not api_key:
        return None
    return OpenAiAccount(
        base_url=env.url("SWITCHYARD_OPENAI_BASE_URL", default="https://api.openai.com/v1"),
        model=env.text("SWITCHYARD_OPENAI_MODEL"),
        api_key=api_key,
    )
