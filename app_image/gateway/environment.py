"""Reads the environment, once, into gateway.settings. No other module looks at a variable (botocore finds its own
credentials).

All problems are reported together, each with the variable, its value and what was expected; values of secrets are
never shown. Outside an environment of the kit (SWITCHYARD_ENVIRONMENT is not set) release and colours have defaults,
so that the gateway can be started by hand with an upstream, a model and keys.
"""

import re
from collections.abc import Mapping

from gateway.errors import SettingsError
from gateway.settings import (
    SMOKE_KEY_NAME,
    AdmissionPolicy,
    BreakerPolicy,
    CachePolicy,
    Colour,
    ExternalFallback,
    Limits,
    OpenAiAccount,
    Price,
    Settings,
    Tables,
)
from gateway.variables import Variables

_HEADER_SAFE = re.compile(r"[A-Za-z0-9._:-]+")
_LOCAL_RELEASE = "local"


def load(environ: Mapping[str, str]) -> Settings:
    """Raises SettingsError with every problem of the environment at once."""
    env = Variables(environ)
    is_bare = not env.is_set("SWITCHYARD_ENVIRONMENT")
    colour = Colour.BLUE if is_bare else None
    settings = Settings(
        release=env.text(
            "SWITCHYARD_RELEASE",
            default=_LOCAL_RELEASE if is_bare else None,
            matching=_HEADER_SAFE,
            expected="letters, digits and . _ : -",
        ),
        colour=env.choice("SWITCHYARD_COLOUR", Colour, default=colour),
        model_colour=env.choice("SWITCHYARD_MODEL_COLOUR", Colour, default=colour),
        model=env.text("SWITCHYARD_MODEL", or_else="MODEL_NAME"),
        model_revision=env.text("SWITCHYARD_MODEL_REVISION", default=Settings.model_revision),
        model_aliases=env.names("SWITCHYARD_MODEL_ALIASES"),
        vllm_url=env.url("SWITCHYARD_VLLM_URL", or_else="VLLM_URL"),
        vllm_api_key=env.secret("SWITCHYARD_VLLM_API_KEY", or_else="VLLM_API_KEY"),
        vllm_price=_price(env, "SWITCHYARD_VLLM", Settings.vllm_price),
        api_keys=_keys(env),
        openai=_openai(env),
        limits=_limits(env),
        admission=_admission(env),
        breaker=_breaker(env),
        cache=_cache(env),
        tables=_tables(env),
        overflow_queue_depth=env.optional_whole("SWITCHYARD_OVERFLOW_QUEUE_DEPTH"),
        bind_address=env.text("SWITCHYARD_BIND_ADDRESS", default=Settings.bind_address),
        http_port=env.whole("SWITCHYARD_HTTP_PORT", default=Settings.http_port),
        metrics_port=env.whole("SWITCHYARD_METRICS_PORT", default=Settings.metrics_port),
        keep_alive_seconds=env.whole("SWITCHYARD_KEEP_ALIVE_SECONDS", default=Settings.keep_alive_seconds),
        stop_timeout_seconds=env.number("SWITCHYARD_STOP_TIMEOUT_SECONDS", default=Settings.stop_timeout_seconds),
    )
    if not env.problems:
        env.problems.extend(_contradictions(settings))
    if env.problems:
        raise SettingsError(env.problems)
    return settings


def _contradictions(settings: Settings) -> list[str]:
    """What no single variable shows."""
    found = []
    if settings.http_port == settings.metrics_port:
        found.append(f"SWITCHYARD_METRICS_PORT is {settings.metrics_port}: expected another port than the API's")
    openai_names = set(settings.openai.aliases) if settings.openai else set()
    for name in sorted(openai_names & {settings.model, *settings.model_aliases}):
        found.append(f"SWITCHYARD_OPENAI_ALIASES names {name!r}: expected a name that does not mean vLLM's model")
    return found


def _limits(env: Variables) -> Limits:
    total_seconds = env.number("SWITCHYARD_STREAM_LIMIT_SECONDS", default=Limits.total_seconds)
    return Limits(
        idle_seconds=min(Limits.idle_seconds, total_seconds / 4),
        total_seconds=total_seconds,
        body_bytes=env.whole("SWITCHYARD_BODY_LIMIT_BYTES", default=Limits.body_bytes),
        output_tokens=env.optional_whole("SWITCHYARD_MAX_OUTPUT_TOKENS"),
        prompt_characters=env.optional_whole("SWITCHYARD_PROMPT_LIMIT_CHARACTERS"),
    )


def _admission(env: Variables) -> AdmissionPolicy:
    return AdmissionPolicy(
        in_flight=env.whole("SWITCHYARD_MAX_IN_FLIGHT", default=AdmissionPolicy.in_flight),
        queued=env.whole("SWITCHYARD_MAX_QUEUED", default=AdmissionPolicy.queued),
    )


def _breaker(env: Variables) -> BreakerPolicy:
    return BreakerPolicy(
        failures=env.whole("SWITCHYARD_BREAKER_FAILURES", default=BreakerPolicy.failures),
        open_seconds=env.number("SWITCHYARD_BREAKER_OPEN_SECONDS", default=BreakerPolicy.open_seconds),
    )


def _cache(env: Variables) -> CachePolicy | None:
    """An age of 0 switches the cache off."""
    max_age_seconds = env.amount("SWITCHYARD_CACHE_SECONDS", default=CachePolicy.max_age_seconds)
    return CachePolicy(max_age_seconds=max_age_seconds) if max_age_seconds else None


def _tables(env: Variables) -> Tables | None:
    """All of them or none."""
    names = {kind: f"SWITCHYARD_{kind.upper()}_TABLE" for kind in ("ledger", "keys", "cache", "usage")}
    if not any(env.is_set(name) for name in names.values()):
        return None
    return Tables(region=env.text("SWITCHYARD_REGION"), **{kind: env.text(name) for kind, name in names.items()})


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
        aliases=env.names_to_names("SWITCHYARD_OPENAI_ALIASES"),
        completions_model=env.optional_text("SWITCHYARD_OPENAI_COMPLETIONS_MODEL"),
        context_tokens=env.whole("SWITCHYARD_OPENAI_CONTEXT_TOKENS", default=OpenAiAccount.context_tokens),
        first_content_seconds=env.number(
            "SWITCHYARD_OPENAI_FIRST_TOKEN_SECONDS", default=OpenAiAccount.first_content_seconds
        ),
        in_flight=env.whole("SWITCHYARD_OPENAI_MAX_IN_FLIGHT", default=OpenAiAccount.in_flight),
        price=_price(env, "SWITCHYARD_OPENAI", OpenAiAccount.price),
        monthly_cap_usd=env.optional_amount("SWITCHYARD_OPENAI_MONTHLY_CAP_USD"),
    )


def _price(env: Variables, prefix: str, default: Price) -> Price:
    return Price(
        env.amount(f"{prefix}_INPUT_USD_PER_MILLION", default=default.input_usd_per_million),
        env.amount(f"{prefix}_OUTPUT_USD_PER_MILLION", default=default.output_usd_per_million),
    )
