"""Carries one upstream's answer to the client: as a stream, or as one body.

Raises TierFailed when the upstream fails. Whether the client has seen anything by then, the exchange knows.
"""

from collections.abc import Callable

import msgspec

from gateway.assembly import Assembler
from gateway.chunks import Event
from gateway.outcome import Reason, StatusClass
from gateway.sse import DONE, event
from gateway.tiers.answer import Answer
from gateway.tiers.call import Call
from gateway.tiers.errors import TierFailed

_END = event(DONE)
# What a chunk has beyond its envelope is said, and an answer that said more than the cache takes need not be put
# together: with log probabilities it would take 8 KB of memory a token.
_ENVELOPE_BYTES = 512


async def deliver(answer: Answer, call: Call) -> None:
    """Returns when the client was sent a whole answer; `call.body` makes it again if it may be kept."""
    await (_stream(answer, call) if call.request.stream else _whole(answer, call))


async def _whole(answer: Answer, call: Call) -> None:
    exchange = call.exchange
    body = await (_assembled(answer, call) if answer.streams else answer.whole())
    exchange.content_came()
    call.body = lambda: body
    await exchange.respond(200, body)


async def _assembled(answer: Answer, call: Call) -> bytes:
    assembler = Assembler(call.request.endpoint)
    try:
        while not answer.complete:
            for _, chunk in await answer.events():
                assembler.add(chunk)
            if answer.has_content:
                call.exchange.content_came()
                answer.gather()
    except msgspec.ValidationError:  # tool calls of a shape that nobody could read
        raise TierFailed(Reason.MALFORMED) from None
    return assembler.body()


async def _stream(answer: Answer, call: Call) -> None:
    if not answer.streams:
        raise TierFailed(Reason.MALFORMED)
    exchange = call.exchange
    listener = _Listener(call)
    held: list[Event] = []
    while not answer.has_content:
        held += await answer.events()
    exchange.content_came()
    await exchange.start_stream()
    while not answer.complete:
        if data := listener.hear(held):
            await exchange.write(data)
        held = await answer.events()
    await exchange.end(StatusClass.SUCCESS, listener.hear(held) + _END)
    call.body = listener.body


class _Listener:
    """A client that streams: what it is told, and the same as one answer for another time."""

    __slots__ = ("_assembler", "_keeps_bytes", "_said_bytes", "_wants_usage")

    def __init__(self, call: Call) -> None:
        # The usage is always asked for; a client that did not ask would not expect a chunk without choices.
        self._wants_usage = call.request.wants_usage
        self._assembler = Assembler(call.request.endpoint) if call.keeps_bytes else None
        self._keeps_bytes = call.keeps_bytes
        self._said_bytes = 0

    @property
    def body(self) -> Callable[[], bytes] | None:
        return self._assembler.body if self._assembler is not None else None

    def hear(self, events: list[Event]) -> bytes:
        if self._assembler is not None:
            self._assemble(self._assembler, events)
        return b"".join([event(data) for data, chunk in events if self._wants_usage or not chunk.is_usage_only])

    def _assemble(self, assembler: Assembler, events: list[Event]) -> None:
        try:
            for data, chunk in events:
                assembler.add(chunk)
                self._said_bytes += max(0, len(data) - _ENVELOPE_BYTES)
        except msgspec.ValidationError:
            self._assembler = None  # the client may understand it; it is only not kept
        if self._said_bytes > self._keeps_bytes:
            self._assembler = None
