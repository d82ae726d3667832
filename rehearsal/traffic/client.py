"""Sends one request as a client of the API would, and turns what happened into a record.

A client of DNS: the name in Host and in TLS is the door's, the address is one of its nodes. It never retries.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from aiohttp import ClientError, ClientResponse, ClientTimeout
from yarl import URL

from rehearsal.traffic import events
from rehearsal.traffic.connections import Connections
from rehearsal.traffic.judge import Reply, judge
from rehearsal.traffic.plan import PlannedRequest
from rehearsal.traffic.record import Record

PATIENCE = ClientTimeout(total=20, connect=3)

Answer = Callable[[str, int], str]


@dataclass(frozen=True)
class Target:
    """What all requests have in common."""

    url: URL
    model: str
    api_key: str


class Client:
    """`answer(prompt, max_tokens)` is the text of the complete correct answer."""

    def __init__(self, target: Target, connections: Connections, answer: Answer) -> None:
        self._target = target
        self._connections = connections
        self._answer = answer

    async def ask(self, request: PlannedRequest, begun: Record) -> Record:
        """Send the request and wait for its end, whatever it is."""
        clock = time.monotonic()
        reply = Reply()
        await self._send(request, reply, clock)
        verdict = judge(reply, request.streaming, self._answer(request.prompt, request.max_tokens))
        return replace(
            begun,
            status=reply.status,
            outcome=verdict.outcome,
            error=verdict.error,
            told=verdict.told,
            colour=reply.headers.get("x-switchyard-colour"),
            model_colour=reply.headers.get("x-switchyard-model-colour"),
            release=reply.headers.get("x-switchyard-release"),
            tier=reply.headers.get("x-switchyard-tier"),
            first_token_ms=reply.first_token_ms,
            ms=_ms_since(clock),
        )

    async def _send(self, request: PlannedRequest, reply: Reply, clock: float) -> None:
        try:
            async with (
                self._connections.borrow(request.fresh_connection) as session,
                session.post(
                    f"{self._target.url.scheme}://{request.node}/v1/chat/completions",
                    json=request.body(self._target.model),
                    headers=self._headers(request),
                    server_hostname=self._target.url.host,
                    allow_redirects=False,
                ) as response,
            ):
                await _receive(response, request.streaming, reply, clock)
        except (ClientError, OSError) as error:
            reply.failure = f"{_name(error)} after {_ms_since(clock) / 1000:.1f} s"

    def _headers(self, request: PlannedRequest) -> dict[str, str]:
        return {
            "Host": self._target.url.authority,
            "Authorization": f"Bearer {self._target.api_key}",
            "x-request-id": request.id,
        }


async def _receive(response: ClientResponse, streaming: bool, reply: Reply, clock: float) -> None:
    """Fill the reply as it arrives, so that what came before a failure is kept."""
    reply.status = response.status
    reply.headers = {name.lower(): value for name, value in response.headers.items()}
    async for piece in response.content.iter_any():
        reply.body += piece
        if streaming and reply.first_token_ms is None and events.has_content(bytes(reply.body)):
            reply.first_token_ms = _ms_since(clock)


def _ms_since(clock: float) -> float:
    return round((time.monotonic() - clock) * 1000, 1)


def _name(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "client time-out"
    return f"{type(error).__name__}: {error}"
