"""What a gateway that runs alone is told: flags, else the variables that the gateway itself would read. Pure.

Keys come by the environment only, because every user of a machine can read its command lines.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scripts.errors import WrongUsage

KEYS_VARIABLE = "SWITCHYARD_API_KEYS"
URL_VARIABLES = ("SWITCHYARD_VLLM_URL", "VLLM_URL")
MODEL_VARIABLES = ("SWITCHYARD_MODEL", "MODEL_NAME")
DEFAULT_KEY_NAME = "local"
# A person waits for it, no load balancer.
STOP_SECONDS = 10.0
# With these it would look for an environment's tables, and for credentials.
_OF_AN_ENVIRONMENT = re.compile(r"AWS_\w+|SWITCHYARD_(ENVIRONMENT|REGION|\w+_TABLE)")
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
_LARGEST_PORT = 65_535


@dataclass(frozen=True)
class Place:
    """Where it listens."""

    bind: str
    port: int
    metrics_port: int

    @property
    def is_private(self) -> bool:
        """Whether only this machine reaches it."""
        return self.bind in ("localhost", "::1") or self.bind.startswith("127.")

    @property
    def url(self) -> str:
        """How a client on this machine reaches it."""
        return f"{self._base}:{self.port}"

    @property
    def metrics_url(self) -> str:
        return f"{self._base}:{self.metrics_port}/metrics"

    @property
    def _base(self) -> str:
        host = "127.0.0.1" if self.bind in _EVERY_ADDRESS else self.bind
        return f"http://[{host}]" if ":" in host else f"http://{host}"


@dataclass(frozen=True)
class Order:
    """`new_key` was made for this run, for `key_name`; None where the environment has keys."""

    url: str
    model: str
    place: Place
    key_name: str = DEFAULT_KEY_NAME
    new_key: str | None = field(default=None, repr=False)


def place(bind: str, port: int, metrics_port: int) -> Place:
    """Raises WrongUsage."""
    for flag, value in (("--port", port), ("--metrics-port", metrics_port)):
        if not 1 <= value <= _LARGEST_PORT:
            raise WrongUsage(f"{flag} {value}: expected 1 to {_LARGEST_PORT}")
    if port == metrics_port:
        raise WrongUsage(f"--port and --metrics-port are both {port}: expected two ports")
    return Place(bind, port, metrics_port)


def upstream_url(given: str | None, environ: Mapping[str, str]) -> str:
    """Without /v1 at its end, which the gateway adds. Raises WrongUsage."""
    name, value = _first(("--url", given), URL_VARIABLES, environ)
    if not value:
        raise WrongUsage(f"which server? give --url http://HOST:PORT, or set {URL_VARIABLES[1]}")
    if not _is_url(value):
        raise WrongUsage(f"{name} {value!r}: expected http://HOST:PORT of a server that speaks OpenAI's API")
    return value.rstrip("/").removesuffix("/v1")


def asked_model(given: str | None, environ: Mapping[str, str]) -> str | None:
    """None: whatever the server serves."""
    return _first(("--model", given), MODEL_VARIABLES, environ)[1] or None


def told(order: Order, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the gateway's process: what is set here for it passes on, an environment's tables do not."""
    kept = {name: value for name, value in environ.items() if not _OF_AN_ENVIRONMENT.fullmatch(name)}
    own = {
        "SWITCHYARD_VLLM_URL": order.url,
        "SWITCHYARD_MODEL": order.model,
        "SWITCHYARD_BIND_ADDRESS": order.place.bind,
        "SWITCHYARD_HTTP_PORT": str(order.place.port),
        "SWITCHYARD_METRICS_PORT": str(order.place.metrics_port),
        "SWITCHYARD_STOP_TIMEOUT_SECONDS": f"{STOP_SECONDS:g}",
    }
    if order.new_key is not None:
        own[KEYS_VARIABLE] = json.dumps({order.key_name: order.new_key})
    return {**kept, **own}


def _first(flag: tuple[str, str | None], names: tuple[str, ...], environ: Mapping[str, str]) -> tuple[str, str | None]:
    """The first that says something, and what it is called."""
    said = [flag, *((name, environ.get(name)) for name in names)]
    return next((found for found in said if found[1]), flag)


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
