"""The environment of the example. BAML reads the variables itself, by the names in baml_src/clients.baml.

SWITCHYARD_BASE_URL   the gateway, for example http://127.0.0.1:8080/v1
SWITCHYARD_API_KEY    a key of the gateway
MODEL_NAME            the model's name as the gateway's GET /v1/models says it
OPENAI_BASE_URL       for the client GPT4; default https://api.openai.com/v1
OPENAI_API_KEY        for the client GPT4
RESUME_CLIENT         LocalVLLM or GPT4; default: the one that baml_src/resume.baml names
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from examples.resume_analyzer.errors import SettingsInvalid

OPENAI_BASE_URL = "https://api.openai.com/v1"
_BASE_URLS = ("SWITCHYARD_BASE_URL", "OPENAI_BASE_URL")


class Client(StrEnum):
    """The clients of baml_src/clients.baml."""

    LOCAL_VLLM = "LocalVLLM"
    GPT4 = "GPT4"


@dataclass(frozen=True)
class Settings:
    """`variables` is what BAML gets; `client` None leaves the choice to baml_src/resume.baml."""

    client: Client | None
    variables: Mapping[str, str]


def read(environ: Mapping[str, str]) -> Settings:
    """Raises SettingsInvalid. A variable that is missing is BAML's to report: it knows which client needs it."""
    variables = {"OPENAI_BASE_URL": OPENAI_BASE_URL, **{name: value for name, value in environ.items() if value}}
    for name in _BASE_URLS:
        if name in variables and not _is_base_url(variables[name]):
            raise SettingsInvalid(f"{name} is {variables[name]!r}: expected http://HOST:PORT/v1, with /v1 at its end")
    return Settings(_client(variables.get("RESUME_CLIENT")), variables)


def base_url(client_name: str, variables: Mapping[str, str]) -> str:
    """Where a client sends its requests."""
    return variables["OPENAI_BASE_URL" if client_name == Client.GPT4 else "SWITCHYARD_BASE_URL"]


def _client(name: str | None) -> Client | None:
    if name is not None and name not in set(Client):
        raise SettingsInvalid(f"RESUME_CLIENT is {name!r}: expected {' or '.join(Client)}")
    return None if name is None else Client(name)


def _is_base_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    return usable and parts.path.rstrip("/").endswith("/v1")
