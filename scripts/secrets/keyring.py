"""The clients' keys as one value, and how it changes while one of them is replaced. Pure; no error shows a key.

While a client moves to its new key, the old one stays valid beside it under `NAME.previous`. The gateway knows nothing
of that: to it these are two keys, and its log says which of them a request came with.
"""

import json
import re
from collections.abc import Mapping

from scripts.errors import Refused

_PREVIOUS = ".previous"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_EXPECTED = 'expected one JSON object of names and keys, {"name": "key"}'

Keys = Mapping[str, str]


def parsed(value: str) -> dict[str, str]:
    """Raises Refused for anything that a task could not start with, and for a name that comes twice."""
    try:
        pairs = json.loads(value, object_pairs_hook=lambda found: found)
    except ValueError:
        raise Refused(f"api-keys: not JSON (not shown): {_EXPECTED}") from None
    if not isinstance(pairs, list) or not pairs or not all(isinstance(pair, tuple) for pair in pairs):
        raise Refused(f"api-keys: {_EXPECTED}, with at least one name")
    for name, key in pairs:
        if not isinstance(key, str):
            raise Refused(f"api-keys: the key of {name} is no text: {_EXPECTED}")
    names = [name for name, _ in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refused(f"api-keys: {', '.join(twice)} comes twice")
    return dict(pairs)


def names(value: str | None) -> list[str]:
    """Every name in a value. One that is no set of keys has none: no task could start with it."""
    try:
        return list(parsed(value)) if value else []
    except Refused:
        return []


def text(keys: Keys) -> str:
    """As it is kept. The order stays, so that a change is only what changed."""
    return json.dumps(keys)


def client_names(keys: Keys) -> list[str]:
    return [name for name in keys if not _is_previous(keys, name)]


def moving(keys: Keys) -> list[str]:
    """Clients with two valid keys."""
    return [name for name in keys if name + _PREVIOUS in keys]


def begun(keys: Keys, client: str, new_key: str) -> dict[str, str]:
    """The new key under the client's name, the old one beside it."""
    return {**keys, client: new_key, client + _PREVIOUS: keys[client]}


def ended(keys: Keys, client: str) -> dict[str, str]:
    """Without the client's old key."""
    return {name: key for name, key in keys.items() if name != client + _PREVIOUS}


def previous_name(client: str) -> str:
    """What the gateway's log calls a request with the old key."""
    return client + _PREVIOUS


def require_client(keys: Keys, client: str) -> None:
    if client not in client_names(keys):
        raise Refused(f"there is no client {client!r}: known are {', '.join(client_names(keys))}")


def require_name(name: str) -> None:
    """A stricter rule than the gateway's, for names that are given now: they end up in logs and on command lines."""
    if not _NAME.fullmatch(name):
        raise Refused(
            f"api-keys: name {name!r}: expected up to 64 letters, digits, dots, dashes and underscores, the first a "
            "letter or a digit"
        )


def _is_previous(keys: Keys, name: str) -> bool:
    return name.endswith(_PREVIOUS) and name.removesuffix(_PREVIOUS) in keys
