"""Loopback addresses: every task gets one of its own, so that container ports are those of production.

One rehearsal owns one network 127.N.0.0/16, claimed by a bound socket, so that two rehearsals on one
machine (a person's and a test's) never share an address. Linux answers on all of 127.0.0.0/8.
"""

import itertools
import socket
from collections.abc import Iterator

from rehearsal.errors import StartFailed

_CLAIM_PORT = 49151
_INTERNAL_PORT = 8001
_FIRST, _LAST = 16, 250


class AddressPool:
    """Addresses of one rehearsal. Raises StartFailed when no network is left."""

    def __init__(self) -> None:
        self._network, self._claim = _claim_network()
        self._tasks = _task_suffixes()

    def fixed(self, third: int, fourth: int) -> str:
        """An address for something that lives as long as the rehearsal; tasks start at 127.N.16.1."""
        return f"127.{self._network}.{third}.{fourth}"

    def task(self) -> str:
        third, fourth = next(self._tasks)
        return self.fixed(third, fourth)

    def close(self) -> None:
        self._claim.close()


def is_free(address: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def free_port(address: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def _claim_network() -> tuple[int, socket.socket]:
    for network in range(_FIRST, _LAST):
        claim = socket.socket()
        try:
            claim.bind((f"127.{network}.0.1", _CLAIM_PORT))
        except OSError:
            claim.close()
            continue
        # A rehearsal that was killed in another folder holds no claim, but its processes may still be there.
        if is_free(f"127.{network}.1.1", _INTERNAL_PORT):
            return network, claim
        claim.close()
    raise StartFailed("no free 127.x network is left: stop the other rehearsals with `fab rehearsal.down`")


def _task_suffixes() -> Iterator[tuple[int, int]]:
    # Round and round: by the time a number comes again its task is long gone.
    return itertools.cycle(itertools.product(range(16, 250), range(1, 250)))
