"""How many requests are answered at once. A few more wait in a short queue, in order; the rest is refused early.

Everything happens within one turn of the event loop, so nothing here is locked. While anybody waits, no place is
free: a place that is left goes to the first who waits, before anybody else can ask for it.
"""

import asyncio
from collections import deque

from gateway.errors import no_place
from gateway.settings import AdmissionPolicy


class Admission:
    """One `leave` for each `enter` that returned."""

    def __init__(self, policy: AdmissionPolicy) -> None:
        self._policy = policy
        self._in_flight = 0
        self._waiting: deque[asyncio.Future[bool]] = deque()

    @property
    def in_flight(self) -> int:
        """Places that are taken, or on their way to one who waited."""
        return self._in_flight

    @property
    def queued(self) -> int:
        return len(self._waiting)

    def check_room(self) -> None:
        """Raises ApiError 503 when `enter` would at once."""
        if self._in_flight >= self._policy.in_flight and len(self._waiting) >= self._policy.queued:
            raise no_place()

    async def enter(self) -> None:
        """Returns with a place; without suspending when one is free. Raises ApiError 503 when there is none in time.

        Cancelled, it takes no place.
        """
        if self._in_flight < self._policy.in_flight:
            self._in_flight += 1
            return
        self.check_room()
        if not await self._has_turn():
            raise no_place()

    def leave(self) -> None:
        """The place is the first waiting one's, or free."""
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():  # one that was cancelled in this turn of the loop
                first.set_result(True)
                return
        self._in_flight -= 1

    async def _has_turn(self) -> bool:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(self._policy.queue_seconds, self._give_up, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            self._abandon(turn)
            raise
        finally:
            timer.cancel()

    def _give_up(self, turn: asyncio.Future[bool]) -> None:
        if not turn.done():
            self._waiting.remove(turn)
            turn.set_result(False)

    def _abandon(self, turn: asyncio.Future[bool]) -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif not turn.cancelled() and turn.result():
            self.leave()  # the place had been handed over when the cancellation came
