"""What the template tells the gateway: variables from settings, in the words of app_image/gateway/environment.py. Pure.

`tests/contracts/task_environment.yaml` lists the names. A setting that is left empty is an empty variable, which says
nothing to the gateway.
"""

import json

from stacks.naming import Names, Table
from stacks.schema import Fallback, Settings, Treatment


def variables(settings: Settings, names: Names) -> dict[str, str]:
    """Beside those that both parts have, and those that the release engine sets."""
    return {**_tables(settings, names), **_fallback(settings.fallback), **_treatment(settings.treatment)}


def _tables(settings: Settings, names: Names) -> dict[str, str]:
    found = {f"SWITCHYARD_{which.upper()}_TABLE": names.table(which) for which in Table}
    return {"SWITCHYARD_REGION": settings.place.region, **found}


def _fallback(fallback: Fallback) -> dict[str, str]:
    return {
        "SWITCHYARD_EXTERNAL_FALLBACK": fallback.external_fallback.value,
        "SWITCHYARD_OPENAI_BASE_URL": fallback.openai_base_url,
        "SWITCHYARD_OPENAI_MODEL": fallback.openai_model,
        "SWITCHYARD_OPENAI_ALIASES": json.dumps(fallback.model_of_alias, sort_keys=True),
        "SWITCHYARD_OPENAI_COMPLETIONS_MODEL": _text(fallback.openai_completions_model),
        "SWITCHYARD_OPENAI_INPUT_USD_PER_MILLION": _text(fallback.openai_input_usd_per_million),
        "SWITCHYARD_OPENAI_OUTPUT_USD_PER_MILLION": _text(fallback.openai_output_usd_per_million),
        "SWITCHYARD_OPENAI_MONTHLY_CAP_USD": _text(fallback.openai_monthly_cap_usd),
        "SWITCHYARD_OPENAI_MAX_IN_FLIGHT": _text(fallback.openai_max_in_flight),
    }


def _treatment(treatment: Treatment) -> dict[str, str]:
    return {
        "SWITCHYARD_MODEL_ALIASES": ",".join(treatment.model_aliases),
        "SWITCHYARD_MAX_IN_FLIGHT": _text(treatment.api_maximum_in_flight),
        "SWITCHYARD_BREAKER_FAILURES": _text(treatment.breaker_failures),
        "SWITCHYARD_BREAKER_OPEN_SECONDS": _text(treatment.breaker_open_seconds),
        "SWITCHYARD_CACHE_SECONDS": _text(treatment.cache_seconds),
        "SWITCHYARD_MAX_OUTPUT_TOKENS": _text(treatment.max_output_tokens),
        "SWITCHYARD_PROMPT_LIMIT_CHARACTERS": _text(treatment.prompt_limit_characters),
        "SWITCHYARD_OVERFLOW_QUEUE_DEPTH": _text(treatment.overflow_queue_depth),
    }


def _text(value: str | float | None) -> str:
    """Whole numbers without a point, nothing as nothing."""
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)
