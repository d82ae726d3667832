"""Decides whether a bearer key is known, and whose it is."""

import hashlib
from collections.abc import Mapping

from gateway.errors import invalid_key

_SCHEME = b"bearer "


class Keyring:
    """The known keys, kept as digests only.

    The look-up compares digests, never keys: how long it takes says something about a SHA-256 value that the caller
    cannot steer, and nothing about a key. It also costs the same for one key and for thousands.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._names = {_digest(key.encode()): name for name, key in keys.items()}

    def owner(self, authorization: bytes) -> str:
        """The name under which the key is known. Raises ApiError 401 when it is not."""
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            raise invalid_key()
        name = self._names.get(_digest(authorization[len(_SCHEME) :].strip()))
        if name is None:
            raise invalid_key()
        return name


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
