"""Carries one tier's answer to the client: as a stream, or as one body.

Both raise TierFailed when the tier fails. Whether the client has seen anything by then, the exchange knows.
"""

import msgspec

from gateway.assembly import Assembler
from gateway.chunks import Event
from gateway.completion_request import CompletionRequest
from gateway.exchange import Exchange
from gateway.outcome import Reason, StatusClass
from gateway.sse import DONE, event
from gateway.tiers.answer import Answer
from gateway.tiers.errors import TierFailed

_END = event(DONE)


async def deliver(answer: Answer, exchange: Exchange, request: CompletionRequest) -> None:
    """Returns when the client was sent a whole answer."""
    if request.stream:
        await _stream(answer, exchange, request)
    elif answer.streams:
        await exchange.respond(200, await _assembled(answer, exchange))
    else:
        await exchange.respond(200, await answer.whole())


async def _stream(answer: Answer, exchange: Exchange, request: CompletionRequest) -> None:
    if not answer.streams:
        raise TierFailed(Reason.MALFORMED)
    held: list[Event] = []
    while not answer.has_content:
        held += await answer.events()
    exchange.content_came()
    await exchange.start_stream()
    while not answer.complete:
        await _forward(held, exchange, request)
        held = await answer.events()
    await exchange.end(StatusClass.SUCCESS, _bytes(held, request) + _END)


async def _forward(events: list[Event], exchange: Exchange, request: CompletionRequest) -> None:
    if data := _bytes(events, request):
        await exchange.write(data)


def _bytes(events: list[Event], request: CompletionRequest) -> bytes:
    # The usage is always asked for; a client that did not ask would not expect a chunk without choices.
    wants_usage = request.wants_usage
    return b"".join(event(data) for data, chunk in events if wants_usage or not chunk.is_usage_only)


async def _assembled(answer: Answer, exchange: Exchange) -> bytes:
    assembler = Assembler()
    try:
        while not answer.complete:
            for _, chunk in await answer.events():
                assembler.add(chunk)
            if answer.has_content:
                exchange.content_came()
    except msgspec.ValidationError:
        raise TierFailed(Reason.MALFORMED) from None
    return assembler.body()
