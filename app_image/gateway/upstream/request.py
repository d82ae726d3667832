"""Where a request goes and what its head says. Pure; what is the same for each request is computed once.

The client alone says `host` and how long the body is. Nothing asks for compression, so bodies come as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from gateway.errors import ConnectFailed
from gateway.upstream.errors import HeaderRefused

_PORTS = {"http": 80, "https": 443}
_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect", "te", "upgrade"})
# The characters of a token (RFC 9110, 5.6.2) that are neither letters nor digits.
_TOKEN_MARKS = frozenset("!#$%&'*+-.^_`|~")


class Origin(NamedTuple):
    """Whom to connect to; connections are shared by what has the same."""

    host: str
    port: int
    tls: bool


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, taken apart. `opening` is the rest of the request line and the line after it."""

    origin: Origin
    opening: str


@lru_cache(maxsize=64)
def target_of(url: str) -> Target:
    """Raises ConnectFailed for what is no http(s) URL, or one with credentials, which would end in logs."""
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise ConnectFailed("a URL is printable ASCII without spaces")
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise ConnectFailed("a URL begins with http:// or https:// and has a valid port") from error
    if not parts.hostname or "@" in parts.netloc:
        raise ConnectFailed("a URL has a host and no credentials")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    origin = Origin(parts.hostname, port, parts.scheme == "https")
    return Target(origin, f" {path} HTTP/1.1\r\nhost: {parts.netloc}\r\n")


def post_head(target: Target, headers: Mapping[str, str], body_bytes: int) -> bytes:
    """Raises HeaderRefused."""
    return _head("POST", target, headers, f"content-length: {body_bytes}\r\n\r\n")


def get_head(target: Target, headers: Mapping[str, str]) -> bytes:
    """Raises HeaderRefused."""
    return _head("GET", target, headers, "\r\n")


def _head(method: str, target: Target, headers: Mapping[str, str], ending: str) -> bytes:
    _check(tuple(headers))
    fields = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    # One line a header, counted: cheaper than looking at each value, and nothing gets past it.
    lines = len(headers)
    if fields.count("\n") != lines or fields.count("\r") != lines or "\0" in fields:
        raise HeaderRefused(f"the header {_culprit(headers)} has a line break or NUL in its value")
    try:
        return f"{method}{target.opening}{fields}{ending}".encode("latin-1")
    except UnicodeEncodeError:
        raise HeaderRefused(f"the header {_culprit(headers)} has a character beyond Latin-1 in its value") from None


@lru_cache(maxsize=256)
def _check(names: tuple[str, ...]) -> None:
    """Raises HeaderRefused. The same few names are in all requests."""
    for name in names:
        if not name.isascii() or not all(mark.isalnum() or mark in _TOKEN_MARKS for mark in name) or not name:
            raise HeaderRefused(f"{name[:100]!r} is not the name of a header")
        if name.lower() in _OWN_HEADERS:
            raise HeaderRefused(f"the header {name} is the client's own")


def _culprit(headers: Mapping[str, str]) -> str:
    def unusable(value: str) -> bool:
        return any(mark in "\r\n\0" or ord(mark) > 0xFF for mark in value)

    return next((name for name, value in headers.items() if unusable(value)), "?")
