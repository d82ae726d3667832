"""The client, made of three variables.

SWITCHYARD_BASE_URL   the gateway, for example http://127.0.0.1:8080/v1
SWITCHYARD_API_KEY    a key of the gateway
MODEL_NAME            a name from the gateway's GET /v1/models
"""

from collections.abc import Mapping
from dataclasses import dataclass

import openai

DEADLINE_SECONDS = 30.0
_SPARE_SECONDS = 1.0  # the gateway gives up first, so that its answer says why
_RETRIES = 1  # the gateway has tried every tier by then; the client's default of 2 would triple the wait


class SettingsMissing(Exception):
    """A variable is not set."""


@dataclass(frozen=True)
class Connection:
    """A client that is open, and the model to ask."""

    client: openai.OpenAI
    model: str


def connect(environ: Mapping[str, str], *, deadline_seconds: float = DEADLINE_SECONDS) -> Connection:
    """Sends nothing yet. Raises SettingsMissing."""
    names = ("SWITCHYARD_BASE_URL", "SWITCHYARD_API_KEY", "MODEL_NAME")
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise SettingsMissing(f"{', '.join(missing)}: not set; examples/openai_client/connection.py says what they are")
    base_url, api_key, model = (environ[name] for name in names)
    client = openai.OpenAI(
        base_url=base_url,
        api_key=api_key,
        max_retries=_RETRIES,
        timeout=deadline_seconds + _SPARE_SECONDS,
        default_headers={"x-request-deadline-seconds": f"{deadline_seconds:g}"},
    )
    return Connection(client, model)
