"""Which models a server serves, and which of them the gateway will offer."""

import json
from collections.abc import Callable

import urllib3
from urllib3.exceptions import HTTPError

from scripts.errors import Refused

KEY_VARIABLE = "VLLM_API_KEY"
"""By environment only, because every user of a machine can read its command lines. The gateway reads it as well."""

_SECONDS = 3.0
_SHOWN_BYTES = 100


class Unanswered(Exception):
    """The server did not say what it serves; the message says why."""


def served(url: str, key: str | None = None) -> tuple[str, ...]:
    """What `GET URL/v1/models` lists. Raises Unanswered; Refused by a server that wants another key, or one."""
    where = f"{url}/v1/models"
    try:
        with urllib3.PoolManager(retries=False, timeout=_SECONDS) as pool:
            answer = pool.request("GET", where, headers={"authorization": f"Bearer {key}"} if key else None)
    except HTTPError as error:
        raise Unanswered(f"GET {where}: {_why(error)}") from None
    if answer.status in (401, 403):
        wanted = "another key than" if key else "a key; set it as"
        raise Refused(f"GET {where}: answered {answer.status}: it wants {wanted} ${KEY_VARIABLE}")
    if answer.status != 200:
        raise Unanswered(f"GET {where}: answered {answer.status}")
    return _names(where, answer.data)


def model(url: str, asked: str | None, ask: Callable[[str], tuple[str, ...]], warn: Callable[[str], None]) -> str:
    """The one to offer. Where one was named, a server may also begin to answer later. Raises Refused."""
    try:
        found = ask(url)
    except Unanswered as error:
        if asked is None:
            raise Refused(
                f"{error}; is the server started, and the port right? --model NAME starts without it"
            ) from None
        warn(f"{error}; requests are answered 503 until it answers")
        return asked
    if asked is None:
        return _only(url, found)
    if asked not in found:
        warn(f"{url} serves {_list(found)}, not {asked}: it will probably refuse every request")
    return asked


def _only(url: str, found: tuple[str, ...]) -> str:
    if len(found) != 1:
        raise Refused(f"{url} serves {_list(found)}: say which with --model NAME")
    return found[0]


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "no model"


def _names(where: str, body: bytes) -> tuple[str, ...]:
    try:
        return tuple(str(entry["id"]) for entry in json.loads(body)["data"])
    except (ValueError, LookupError, TypeError):
        raise Unanswered(f"GET {where}: answered no list of models: {body[:_SHOWN_BYTES]!r}") from None


def _why(error: HTTPError) -> str:
    """Urllib3's own words begin with an object's address."""
    cause = error.__cause__
    return (cause.strerror if isinstance(cause, OSError) else None) or str(error).rpartition(": ")[2]
