"""The public door, address by address: each request on a new connection, so that no answer comes from an old one.

TLS is checked against the name that clients use, although the connection goes to an address.
"""

import socket
import ssl
from collections.abc import Callable
from functools import cached_property
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from scripts.release.ports import Answered, Asked, DoorClosed

_HTTPS_PORT = 443
_CONNECT_SECONDS = 3.0


class HttpsDoor:
    """`url` is what clients use; `resolve` names the addresses behind it as `host:port`."""

    def __init__(self, url: str, resolve: Callable[[], tuple[str, ...]], ca_file: str | None) -> None:
        self._host = urlsplit(url).hostname or ""
        self._authority = urlsplit(url).netloc
        self._resolve = resolve
        self._ca_file = ca_file

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Made when it is first needed: reading the system's authorities takes long, and most tasks ask nothing."""
        return ssl.create_default_context(cafile=self._ca_file)

    def addresses(self) -> tuple[str, ...]:
        """Looked up anew each time: a load balancer changes its addresses as it grows."""
        return self._resolve()

    def ask(self, address: str, asked: Asked, timeout_seconds: float) -> Answered:
        host, _, port = address.rpartition(":")
        pool = urllib3.HTTPSConnectionPool(
            host,
            int(port),
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=timeout_seconds),
            retries=False,
            ssl_context=self._context,
            server_hostname=self._host,
            assert_hostname=self._host,
        )
        headers = {"host": self._authority, "connection": "close", **asked.headers}
        try:
            answer = pool.request(asked.method, asked.path, body=asked.body or None, headers=headers, redirect=False)
        except (HTTPError, OSError) as error:
            raise DoorClosed(f"{type(error).__name__}: {error}") from error
        finally:
            pool.close()
        return Answered(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.data)


def resolver(dns_name: str, port: int = _HTTPS_PORT) -> Callable[[], tuple[str, ...]]:
    """Every IPv4 address of a name, now. Raises DoorClosed where it has none."""

    def resolve() -> tuple[str, ...]:
        try:
            found = socket.getaddrinfo(dns_name, port, socket.AF_INET, socket.SOCK_STREAM)
        except OSError as error:
            raise DoorClosed(f"{dns_name} does not resolve: {error}") from error
        return tuple(sorted({f"{entry[4][0]}:{port}" for entry in found}))

    return resolve
