"""When the process may end: what is in flight, whether a stop was asked for, and how long is left.

It owns no sockets and no signals (gateway.server does). After a stop was asked for, requests are still served: a
load balancer may send for as long as it has not noticed.
"""

import asyncio
from types import TracebackType

from gateway.watch import Cause, Watch

_POLL_SECONDS = 0.05
_LARGEST_MARGIN_SECONDS = 5.0


class Drain:
    """Tracks requests; ends the last ones in-band when the time to stop runs out."""

    def __init__(self, stop_timeout_seconds: float, idle_grace_seconds: float) -> None:
        # Kept back from the platform's timeout, so that our last words come before its SIGKILL.
        self._margin_seconds = min(_LARGEST_MARGIN_SECONDS, stop_timeout_seconds / 4)
        self._serve_seconds = stop_timeout_seconds - self._margin_seconds
        self._idle_grace_seconds = idle_grace_seconds
        self._stop_asked = asyncio.Event()
        self._active: set[Watch] = set()
        self._idle_since = 0.0

    @property
    def draining(self) -> bool:
        return self._stop_asked.is_set()

    def begin(self) -> None:
        """A stop was asked for; asking again changes nothing."""
        self._stop_asked.set()

    def tracked(self, watch: Watch) -> "_Tracked":
        """Nothing ends the process while this request is inside, before the time to stop runs out."""
        return _Tracked(self, watch)

    def enter(self, watch: Watch) -> None:
        self._active.add(watch)

    def leave(self, watch: Watch) -> None:
        self._active.discard(watch)
        if not self._active:
            self._idle_since = _now()

    async def finished(self) -> None:
        """Returns when the process may end."""
        await self._stop_asked.wait()
        asked_at = self._idle_since = _now()
        while _now() < asked_at + self._serve_seconds:
            if not self._active and _now() >= self._idle_since + self._idle_grace_seconds:
                return
            await asyncio.sleep(_POLL_SECONDS)
        await self._end_the_rest()

    async def _end_the_rest(self) -> None:
        give_up_at = _now() + self._margin_seconds / 2
        while self._active and _now() < give_up_at:
            for watch in self._active:
                watch.interrupt(Cause.STOPPING)
            await asyncio.sleep(_POLL_SECONDS)


class _Tracked:
    __slots__ = ("_drain", "_watch")

    def __init__(self, drain: Drain, watch: Watch) -> None:
        self._drain = drain
        self._watch = watch

    def __enter__(self) -> None:
        self._drain.enter(self._watch)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drain.leave(self._watch)


def _now() -> float:
    return asyncio.get_running_loop().time()
