"""Clients that ask for a stream and leave: before its first word, at it, or a little later; each the next in turn.

Every other one leaves with a reset, the rest with an orderly end, for a server hears of the two in different ways.
"""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from benchmarks.gateway.connection import Answer, Connection, request
from benchmarks.gateway.load import Target
from benchmarks.gateway.mock import PACE_SECONDS, Order
from benchmarks.gateway.workloads import PATH, Loop, Workload

LONG = Workload("long", "a second of words", Loop.CLOSED, Order.PACED, stream=True, words=100)
"""None of it is ever heard to its end."""

_EARLY_SECONDS = PACE_SECONDS / 3
_LATER_SECONDS = PACE_SECONDS * 2.5
_PATIENCE_SECONDS = 10.0
_RESET = struct.pack("ii", 1, 0)


class Moment(StrEnum):
    """When a client leaves."""

    EARLY = "before the first word"
    FIRST_WORD = "at the first word"
    LATER = "a few words later"


_MOMENTS = tuple(Moment)


async def abort(target: Target, count: int, clients: int, left: Callable[[], None]) -> Counter[str]:
    """Returns how many left at which Moment; what the server ended by itself is under `ended by the server`, and who
    could not ask or heard nothing is under what went wrong. `left` is called for each."""
    numbers = iter(range(count))
    found: Counter[str] = Counter()
    asked = request(target.port, PATH, target.key, LONG.body)

    async def client() -> None:
        for number in numbers:
            found[await _visit(target.port, asked, _MOMENTS[number % 3], reset=number % 2 == 0)] += 1
            left()

    await asyncio.gather(*[client() for _ in range(clients)])
    return found


async def _visit(port: int, asked: bytes, moment: Moment, *, reset: bool) -> str:
    heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def ended(_connection: Connection, answer: Answer) -> None:
        if not heard.done():
            heard.set_result("ended by the server" if answer.is_cut else f"status {answer.status}")

    def word(_connection: Connection) -> None:
        if not heard.done():
            heard.set_result(moment)

    try:
        transport, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(ended, word), "127.0.0.1", port
        )
    except OSError as error:
        return f"connect {error.strerror or error}"
    if reset:
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.ask(asked)
    try:
        return await _stay(heard, moment)
    except TimeoutError:
        return "heard nothing"
    finally:
        connection.leave()


async def _stay(heard: asyncio.Future[str], moment: Moment) -> str:
    if moment is Moment.EARLY:
        await asyncio.sleep(_EARLY_SECONDS)
        return heard.result() if heard.done() else moment
    said = await asyncio.wait_for(heard, _PATIENCE_SECONDS)
    if moment is Moment.LATER:
        await asyncio.sleep(_LATER_SECONDS)
    return said
