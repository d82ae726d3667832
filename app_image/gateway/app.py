"""The composition root: which path is answered by what, and what every request passes on its way.

Reads like a table of contents; the work is elsewhere.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import BinaryIO

from gateway.chat import ChatCompletions
from gateway.drain import Drain
from gateway.errors import ApiError, internal_error, unknown_path, wrong_method
from gateway.exchange import Exchange, Identity, Scope, Send
from gateway.keys.keyring import Keyring
from gateway.metrics import Metrics
from gateway.outcome import RouteName, StatusClass
from gateway.probes import Models, Ready, health
from gateway.request_log import RequestLog
from gateway.settings import Settings
from gateway.tiers.openai import openai_tier
from gateway.tiers.tier import Tier
from gateway.tiers.vllm import vllm_tier
from gateway.upstream.client import Transport
from gateway.watch import Receive

logger = logging.getLogger("gateway")

Handler = Callable[[Exchange, Receive], Awaitable[None]]


@dataclass(frozen=True)
class Route:
    """One path. A route without a name is a probe: it needs no key and is neither counted nor logged."""

    method: str
    handler: Handler
    name: RouteName | None = None


class App:
    """The ASGI application, with all that it is made of."""

    def __init__(self, settings: Settings, drain: Drain, transport: Transport, log_stream: BinaryIO) -> None:
        self.metrics = Metrics(settings)
        self.request_log = RequestLog(settings, log_stream)
        self._keyring = Keyring(settings.api_keys)
        self._identity = Identity(settings)
        self._drain = drain
        chat = ChatCompletions(settings, tiers_in_order(settings), transport, self.metrics, drain)
        self._routes = {
            "/v1/chat/completions": Route("POST", chat, RouteName.CHAT_COMPLETIONS),
            "/v1/models": Route("GET", Models(settings), RouteName.MODELS),
            "/health": Route("GET", health),
            "/ready": Route("GET", Ready(drain)),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, send, self._identity, self._drain)
        route = self._routes.get(exchange.path)
        try:
            await self._dispatch(route, exchange, receive)
        except ApiError as error:
            await exchange.fail(error)
        except Exception:
            logger.exception("request %s failed inside the gateway", exchange.request_id)
            if exchange.began:
                raise  # the server cuts the connection, which no client takes for a whole answer
            await exchange.fail(internal_error())
        finally:
            if route is None or route.name is not None:
                self._account(exchange)

    async def _dispatch(self, route: Route | None, exchange: Exchange, receive: Receive) -> None:
        if route is None:
            raise unknown_path(exchange.path)
        if exchange.method != route.method:
            raise wrong_method(exchange.method, exchange.path, route.method)
        if route.name is not None:
            exchange.route = route.name
            exchange.key_name = self._keyring.find(exchange.authorization).name
        await route.handler(exchange, receive)

    def _account(self, exchange: Exchange) -> None:
        seconds = exchange.seconds()
        ended = exchange.ended or StatusClass.SERVER_ERROR
        tier = exchange.tier
        self.metrics.request(exchange.route, ended, tier)
        if tier is not None and ended is StatusClass.SUCCESS:
            self.metrics.answered(tier, seconds)
            if exchange.first_token_seconds is not None:
                self.metrics.first_token(tier, exchange.first_token_seconds)
        self.request_log.write(exchange, seconds)


def tiers_in_order(settings: Settings) -> tuple[Tier, ...]:
    if settings.openai is None:
        return (vllm_tier(settings),)
    return (vllm_tier(settings), openai_tier(settings.openai))
