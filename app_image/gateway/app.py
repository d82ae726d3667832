"""The ASGI application: which path is answered by what, and what every request passes on its way."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from gateway.accounting import Accounting
from gateway.drain import Drain
from gateway.errors import ApiError, internal_error, unknown_path, wrong_method
from gateway.exchange import Exchange, Identity, Scope, Send
from gateway.keys.keyring import Keyring
from gateway.outcome import RouteName
from gateway.watch import Receive

logger = logging.getLogger("gateway")

Handler = Callable[[Exchange, Receive], Awaitable[None]]


@dataclass(frozen=True)
class Path:
    """A path without a name is a probe: it needs no key and is neither counted nor logged."""

    method: str
    handler: Handler
    name: RouteName | None = None


class App:
    """Answers each request exactly once, and accounts for it."""

    def __init__(
        self, paths: Mapping[str, Path], identity: Identity, keyring: Keyring, drain: Drain, accounting: Accounting
    ) -> None:
        self._paths = paths
        self._identity = identity
        self._keyring = keyring
        self._drain = drain
        self._accounting = accounting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, send, self._identity, self._drain)
        path = self._paths.get(exchange.path)
        try:
            await self._dispatch(path, exchange, receive)
        except ApiError as error:
            await exchange.fail(error)
        except Exception:
            logger.exception("request %s failed inside the gateway", exchange.request_id)
            if exchange.began:
                raise  # the server cuts the connection; what came of the answer has no end that a client knows
            await exchange.fail(internal_error())
        finally:
            if path is None or path.name is not None:
                self._accounting.close(exchange)

    async def _dispatch(self, path: Path | None, exchange: Exchange, receive: Receive) -> None:
        if path is None:
            raise unknown_path(exchange.path)
        if exchange.method != path.method:
            raise wrong_method(exchange.method, exchange.path, path.method)
        if path.name is not None:
            exchange.route = path.name
            exchange.key = self._keyring.find(exchange.head.authorization)
        await path.handler(exchange, receive)
