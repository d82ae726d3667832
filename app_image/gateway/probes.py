"""GET /health, GET /ready and GET /v1/models: what others may know of this task without asking a model."""

import time

import msgspec

from gateway.drain import Drain
from gateway.exchange import Exchange
from gateway.settings import Settings
from gateway.watch import Receive

_OK = b'{"status":"ok"}'
_DRAINING = b'{"status":"draining"}'


async def health(exchange: Exchange, receive: Receive) -> None:
    """The event loop turns. Says nothing about upstreams: restarting this task would not heal them."""
    await exchange.respond(200, _OK)


class Ready:
    """Whether to send new requests here. Never failed by load or by upstreams, only by a stop that was asked for."""

    def __init__(self, drain: Drain) -> None:
        self._drain = drain

    async def __call__(self, exchange: Exchange, receive: Receive) -> None:
        await (exchange.respond(503, _DRAINING) if self._drain.draining else exchange.respond(200, _OK))


class Models:
    """The one model that this release serves."""

    def __init__(self, settings: Settings) -> None:
        model = {"id": settings.model, "object": "model", "created": int(time.time()), "owned_by": "switchyard"}
        self._body = msgspec.json.encode({"object": "list", "data": [model]})

    async def __call__(self, exchange: Exchange, receive: Receive) -> None:
        await exchange.respond(200, self._body)
