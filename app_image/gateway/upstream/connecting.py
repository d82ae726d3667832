"""Opens a connection within a limit: the name's addresses, one after the other, and the handshake of TLS.

Nothing is left when it fails or is cancelled, except a look-up of a name, which runs on in a thread to its own end.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import cache

from gateway.errors import ConnectFailed, ConnectTimedOut
from gateway.upstream.connection import Connection
from gateway.upstream.request import Origin

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host, for a port, in the order in which they are tried. Raises OSError."""


async def connected(
    new: Callable[[], Connection],
    origin: Origin,
    *,
    tls: ssl.SSLContext | None,
    resolve: Resolve,
    limit_seconds: float,
) -> Connection:
    """A connection that `new` made. Without `tls`, an origin that asks for it gets what the system trusts.

    Raises ConnectFailed or ConnectTimedOut.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + limit_seconds
    try:
        async with asyncio.timeout_at(ends_at):
            addresses = await resolve(origin.host, origin.port)
            context = (tls or await asyncio.to_thread(default_context)) if origin.tls else None
    except TimeoutError:
        raise ConnectTimedOut from None
    except OSError as error:
        raise ConnectFailed from error
    return await _first(loop, new, origin, context, addresses, ends_at)


async def resolved(host: str, port: int) -> list[str]:
    """By the system's resolver; an address is its own."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(place[0]) for *_, place in found))


@cache
def default_context() -> ssl.SSLContext:
    """What the system trusts. Reading it takes long enough to be done in a thread, and only once TLS is needed."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _first(
    loop: asyncio.AbstractEventLoop,
    new: Callable[[], Connection],
    origin: Origin,
    context: ssl.SSLContext | None,
    addresses: list[str],
    ends_at: float,
) -> Connection:
    """Each address has an equal share of what is left of the time, so a dead one does not take it all."""
    name = origin.host if context is not None else None
    last: Exception = ConnectFailed("the name has no address")
    for tried, address in enumerate(addresses):
        share_seconds = (ends_at - loop.time()) / (len(addresses) - tried)
        try:
            async with asyncio.timeout(share_seconds):
                _, connection = await loop.create_connection(
                    new, address, origin.port, ssl=context, server_hostname=name
                )
                return connection
        except TimeoutError:
            last = ConnectTimedOut()
        except OSError as error:
            last = ConnectFailed()
            last.__cause__ = error
    raise last
