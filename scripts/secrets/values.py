"""What a value must look like before it goes anywhere, and fresh ones. Pure; no error shows a value.

Clients send a key in a header and the gateway takes printable ASCII without spaces (gateway/variables.py), so anything
else would keep the next task from starting.
"""

import re
import secrets

from scripts.errors import Refused
from scripts.secrets import keyring
from scripts.secrets.names import Kept

# PutSecretValue takes 65536 (botocore's model of Secrets Manager, SecretStringType).
LARGEST_VALUE = 65536
# 128 bits where a key is written in hex.
SHORTEST_KEY = 32
# OpenAI makes these; the shortest are longer than this.
_SHORTEST_OPENAI_KEY = 20
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


def fresh_key() -> str:
    """A key of 256 bits, with a prefix by which scanners for leaked keys find it."""
    return f"sk-switchyard-{secrets.token_hex(32)}"


def fresh_token() -> str:
    """256 bits of lower-case hex, as the preview rules want it."""
    return secrets.token_hex(32)


def checked(name: Kept, given: str) -> str:
    """The value as it will be kept: without one trailing newline; JSON in one shape, however it was laid out.

    Raises Refused.
    """
    value = given.removesuffix("\n").removesuffix("\r")
    if not value:
        raise Refused(f"{name}: nothing was given")
    _require_size(name, value)
    if name is Kept.API_KEYS:
        return _keys(value)
    if "\n" in value or "\r" in value:
        raise Refused(f"{name}: the value has more than one line, expected one")
    _require_key(str(name), value, _SHORTEST_OPENAI_KEY if name is Kept.OPENAI_KEY else SHORTEST_KEY)
    return value


def _keys(value: str) -> str:
    keys = keyring.parsed(value)
    for client, key in keys.items():
        keyring.require_name(client)
        _require_key(f"key of {client}", key, SHORTEST_KEY)
    if len(set(keys.values())) < len(keys):
        raise Refused(f"{Kept.API_KEYS}: two clients have the same key, so no log could tell them apart")
    kept = keyring.text(keys)
    _require_size(Kept.API_KEYS, kept)
    return kept


def _require_size(name: Kept, value: str) -> None:
    if len(value.encode()) > LARGEST_VALUE:
        raise Refused(f"{name}: {len(value.encode())} bytes, Secrets Manager takes at most {LARGEST_VALUE}")


def _require_key(what: str, key: str, shortest: int) -> None:
    if not _HEADER_SAFE.fullmatch(key):
        raise Refused(f"{what}: expected printable ASCII without spaces, because it travels in a header (not shown)")
    if len(key) < shortest:
        raise Refused(f"{what}: {len(key)} characters, expected at least {shortest}")
