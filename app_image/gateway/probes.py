"""GET /health, GET /ready and GET /v1/models: what others may know of this task without asking a model."""

import time
from collections.abc import Callable

import msgspec

from gateway.drain import Drain
from gateway.exchange import Exchange
from gateway.routing import Routing
from gateway.watch import Receive

_OK = b'{"status":"ok"}'
_STARTING = b'{"status":"starting"}'
_DRAINING = b'{"status":"draining"}'


async def health(exchange: Exchange, receive: Receive) -> None:
    """The event loop turns. Says nothing about upstreams: restarting this task would not heal them."""
    await exchange.respond(200, _OK)


class Ready:
    """Whether to send new requests here. Never failed by load or by upstreams, only by a stop that was asked for, and
    for as long as this task has not tried to read what it must know."""

    def __init__(self, drain: Drain, is_informed: Callable[[], bool]) -> None:
        self._drain = drain
        self._is_informed = is_informed

    async def __call__(self, exchange: Exchange, receive: Receive) -> None:
        if self._drain.draining:
            await exchange.respond(503, _DRAINING)
        elif not self._is_informed():
            await exchange.respond(503, _STARTING)
        else:
            await exchange.respond(200, _OK)


class Models:
    """The names that a client may ask for, with the key it has."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing
        self._created = int(time.time())

    async def __call__(self, exchange: Exchange, receive: Receive) -> None:
        names = [name for name in self._routing.models if self._routing.serves(name, exchange.key)]
        await exchange.respond(
            200, msgspec.json.encode({"object": "list", "data": [self._model(name) for name in names]})
        )

    def _model(self, name: str) -> dict[str, object]:
        return {"id": name, "object": "model", "created": self._created, "owned_by": "switchyard"}
