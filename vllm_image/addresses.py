"""Where the container listens, and how a process inside it reaches what listens.

It reads one variable and nothing else, because probe.py needs only this and runs every few seconds.
"""

from collections.abc import Mapping

VLLM_PORT = 8000
READY_PORT = 8001

_ALL_INTERFACES = "0.0.0.0"  # noqa: S104 - a container is reached on its own interface
_LOOPBACK = "127.0.0.1"


def bind_address(environ: Mapping[str, str]) -> str:
    """SWITCHYARD_BIND_ADDRESS, else all interfaces."""
    return environ.get("SWITCHYARD_BIND_ADDRESS") or _ALL_INTERFACES


def check_address(environ: Mapping[str, str]) -> str:
    """The address that answers on this machine when the container listens on `bind_address`."""
    address = bind_address(environ)
    return _LOOPBACK if address == _ALL_INTERFACES else address
