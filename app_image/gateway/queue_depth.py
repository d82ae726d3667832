"""How many requests wait in vLLM's queue, as its own metrics say, so that new ones can go elsewhere in time."""

import asyncio
import re
from collections.abc import Callable

from gateway.clock import seconds_since_boot
from gateway.errors import ConnectFailed, ConnectionLost, ConnectTimedOut
from gateway.upstream.client import Transport
from gateway.upstream.reply import Reply

POLL_SECONDS = 1.0
_LIMIT_SECONDS = 1.0
_LIMIT_BYTES = 4_000_000
_MAX_AGE_SECONDS = 5.0
# One sample for each engine. The line's end keeps a longer name, and a label's value that holds a brace, apart.
_SAMPLE = re.compile(rb"\nvllm:num_requests_waiting(?:\{[^\n]*\})?[ \t]+(\d+(?:\.\d*)?(?:e\+?\d{1,2})?)(?=\s)")


class QueueUnread(Exception):
    """The number could not be read; says from where, and why."""


class QueueDepth:
    """Behind a load balancer each reading is of one task, another one each time: what is known is a sample of the
    queues, not their sum. A limit on it is therefore a limit for each task."""

    def __init__(self, transport: Transport, vllm_url: str, clock: Callable[[], float] = seconds_since_boot) -> None:
        self._transport = transport
        self._url = vllm_url + "/metrics"
        self._clock = clock
        self._waiting = 0
        self._read_at: float | None = None

    @property
    def waiting(self) -> int | None:
        """None when it was never read, or not within the last 5 s."""
        if self._read_at is None or self._clock() - self._read_at > _MAX_AGE_SECONDS:
            return None
        return self._waiting

    async def poll(self) -> None:
        """Raises QueueUnread; then what was known stays until it is too old."""
        try:
            async with asyncio.timeout(_LIMIT_SECONDS):
                page = await self._page()
        except (TimeoutError, ConnectTimedOut):
            raise self._unread(f"did not answer within {_LIMIT_SECONDS:g} s") from None
        except ConnectFailed:
            raise self._unread("could not be reached") from None
        except ConnectionLost:
            raise self._unread("broke off its answer") from None
        waiting = waiting_requests(page)
        if waiting is None:
            raise self._unread("has no sample of vllm:num_requests_waiting")
        self._waiting, self._read_at = waiting, self._clock()

    async def _page(self) -> bytes:
        reply = await self._transport.get(self._url, {})
        try:
            if reply.status != 200:
                raise self._unread(f"answered {reply.status}")
            return await self._body(reply)
        finally:
            reply.abort()  # keeps the connection of an answer that was read to its end

    async def _body(self, reply: Reply) -> bytes:
        page = bytearray()
        while data := await reply.read():
            page += data
            if len(page) > _LIMIT_BYTES:
                raise self._unread(f"is longer than {_LIMIT_BYTES} bytes")
        return bytes(page)

    def _unread(self, why: str) -> QueueUnread:
        return QueueUnread(f"GET {self._url} {why}")


def waiting_requests(page: bytes) -> int | None:
    """The sum over all label sets of a page in Prometheus' text format. None when there is no sample."""
    samples = _SAMPLE.findall(b"\n" + page + b"\n")
    return int(sum(map(float, samples))) if samples else None
