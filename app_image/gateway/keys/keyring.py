"""Decides whether a bearer key is known, and whose it is.

Keys come from two places: those that the task was told at its start always work; those of the table `keys` work
while the last reading of it had them. A task reads the whole partition every five seconds, so a revoked key dies
within REVOKED_WITHIN_SECONDS while the table can be read. While it cannot, what was known stays known.
"""

import hashlib
import logging
from collections.abc import Mapping
from hmac import compare_digest

from gateway.errors import invalid_key
from gateway.keys.errors import keys_unavailable
from gateway.keys.key import PARTITION, Key, read_keys
from gateway.tables.table import Table

logger = logging.getLogger("gateway")

POLL_SECONDS = 5.0
REVOKED_WITHIN_SECONDS = 30.0
_SCHEME = b"bearer "
_INDEX_BYTES = 8


class Keyring:
    """The known keys, kept as digests only.

    What finds a key in memory is the beginning of its digest; the whole of it is then compared in constant time. A
    caller can steer neither, because SHA-256 lies between. It costs the same for one key and for thousands.
    """

    def __init__(self, static: Mapping[str, str], *, has_table: bool = False) -> None:
        """`static`: keys by name. `has_table`: until `replace` was called, an unknown key is not called invalid."""
        self._static = {digest(key.encode()): Key(name) for name, key in static.items()}
        self._is_complete = not has_table
        self._index: dict[bytes, tuple[bytes, Key]] = {}
        self._keep({})

    def find(self, authorization: bytes) -> Key:
        """Raises ApiError 401 for a key that is not known, 503 while no reading of the table has worked."""
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            raise invalid_key()
        asked = digest(authorization[len(_SCHEME) :].strip())
        found = self._index.get(asked[:_INDEX_BYTES])
        if found is not None and compare_digest(found[0], asked):
            return found[1]
        raise invalid_key() if self._is_complete else keys_unavailable()

    def replace(self, found: Mapping[bytes, Key]) -> None:
        """The table's keys, by digest, are these and no others."""
        self._is_complete = True
        self._keep(found)

    def _keep(self, found: Mapping[bytes, Key]) -> None:
        self._index = {key[:_INDEX_BYTES]: (key, value) for key, value in {**found, **self._static}.items()}


class KeyPoll:
    """Brings the table's keys to a keyring."""

    def __init__(self, table: Table, keyring: Keyring) -> None:
        self._table = table
        self._keyring = keyring
        self._logged: dict[str, str] = {}

    @property
    def unreadable(self) -> int:
        """How many items the last reading had to ignore."""
        return len(self._logged)

    async def poll(self) -> None:
        """Raises TableFailed; then nothing was changed."""
        keys, problems = read_keys(await self._table.query(PARTITION))
        self._keyring.replace(keys)
        for where, why in problems.items():
            if self._logged.get(where) != why:
                logger.warning("the key with the digest %s… is ignored: %s", where[:12], why)
        self._logged = problems


def digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
