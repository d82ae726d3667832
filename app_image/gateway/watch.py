"""Interrupts the task of one request: a time limit passed, the client left, or the server stops.

All three end in the same way, by cancelling the one task that waits, so that an upstream connection is closed in
every phase by the same code. What an interruption means for the answer is decided by who catches it.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from enum import StrEnum
from types import TracebackType
from typing import Any

from gateway.clock import TIMER_SLACK_SECONDS

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Cause(StrEnum):
    """Why a request was interrupted."""

    BODY = "body"
    FIRST_CONTENT = "first_content"
    IDLE = "idle"
    TOTAL = "total"
    CLIENT_GONE = "client_gone"
    STOPPING = "stopping"


LEFT = "gateway.left"
"""Where an application puts, in the scope of a request, what the server calls when the client leaves. To wait for that
message of ASGI would take a task more for each request."""

CUT = "gateway.cut"
"""Where the server puts, in the scope of a request, what ends its connection at once. To close it would wait until its
client has read what was written, which may be never."""

_FINAL = frozenset({Cause.CLIENT_GONE, Cause.STOPPING})
_FIRST_RING_SECONDS = 1.0


class Interrupted(Exception):
    """The awaited thing was given up."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause

    @property
    def is_final(self) -> bool:
        """Whether nothing more should be tried for this request."""
        return self.cause in _FINAL


class Watch:
    """Belongs to the task that creates it. `with watch:` turns its interruption into Interrupted; blocks may nest.

    One timer serves all limits: moving the limit further away, which happens with every chunk, only stores a number,
    and the timer notices when it rings. So that a short request sets one timer only, whatever limits it has, the first
    one rings soon.
    """

    __slots__ = (
        "_closed",
        "_due_at",
        "_due_cause",
        "_ends_at",
        "_final",
        "_loop",
        "_pending",
        "_rings_at",
        "_task",
        "_timer",
    )

    def __init__(self, total_seconds: float) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a watch is created inside the task that it watches")
        self._task = task
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._due_at = self._loop.time() + total_seconds
        self._due_cause = Cause.TOTAL
        self._pending: Cause | None = None
        self._final: Cause | None = None
        self._closed = False
        self._rings_at = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._set_timer(min(self._due_at, self._loop.time() + _FIRST_RING_SECONDS))

    def expect(self, seconds: float, cause: Cause) -> None:
        """What is awaited next must come within `seconds`, and within the total."""
        due_at = self._loop.time() + seconds
        if due_at < self._ends_at:
            self._set_due(due_at, cause)
        else:
            self.rest()

    def rest(self) -> None:
        """Nothing is awaited from the other side: only the total counts."""
        self._set_due(self._ends_at, Cause.TOTAL)

    def interrupt(self, cause: Cause) -> None:
        """The first cause wins, except that a final one replaces a limit that was not yet noticed."""
        if self._closed:
            return
        if cause in _FINAL and self._final is None:
            self._final = cause
        if self._pending is None:
            self._pending = cause
            self._task.cancel()

    def client_left(self) -> None:
        self.interrupt(Cause.CLIENT_GONE)

    def close(self) -> None:
        """From here on the request is left alone."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is asyncio.CancelledError and self._pending is not None:
            cause, self._pending = self._final or self._pending, None
            self._task.uncancel()
            raise Interrupted(cause) from None

    def _set_due(self, at: float, cause: Cause) -> None:
        self._due_at, self._due_cause = at, cause
        if at < self._rings_at:
            self._set_timer(at)

    def _set_timer(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = at
        self._timer = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._rings_at = math.inf
        if self._loop.time() + TIMER_SLACK_SECONDS < self._due_at:
            self._set_timer(self._due_at)
        else:
            self.interrupt(self._due_cause)
