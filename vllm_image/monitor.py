"""Watches one vLLM: waits until it loads, warms it up, then probes it until the container stops.

It only reports what it sees to the board; what that means is readiness.py's.
"""

import threading
import time
from collections.abc import Callable

from vllm_image import readiness
from vllm_image.readiness import Answer, Condition, Phase
from vllm_image.settings import Timing
from vllm_image.upstream import Upstream


class Board:
    """The current condition, written by the monitor and the signal handler, read by the checks."""

    def __init__(self) -> None:
        # Re-entrant: the signal handler may run while the same thread is inside `change`.
        self._lock = threading.RLock()
        self.condition = Condition(started_at=time.monotonic())

    def change(self, transition: Callable[[Condition], Condition]) -> None:
        with self._lock:
            self.condition = transition(self.condition)


class Monitor:
    """The loop behind /ready and /live."""

    def __init__(self, upstream: Upstream, board: Board, timing: Timing) -> None:
        self._upstream = upstream
        self._board = board
        self._timing = timing
        self._stopped = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="monitor", daemon=True).start()

    def stop(self) -> None:
        """A draining vLLM answers new requests with 500: more probes would only be noise in its log."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set() and self._board.condition.phase is Phase.LOADING:
            self._try_to_warm_up()
        while not self._stopped.wait(self._timing.probe_interval_seconds):
            self._report(self._probe())

    def _try_to_warm_up(self) -> None:
        answer = self._upstream.healthy()
        if answer.is_good:
            answer = self._upstream.complete(self._timing.warm_up_timeout_seconds)
        if answer.is_good:
            self._board.change(readiness.warmed)
            return
        self._board.change(lambda condition: readiness.still_loading(condition, answer.detail))
        self._stopped.wait(self._timing.start_poll_seconds)

    def _report(self, answer: Answer) -> None:
        self._board.change(lambda condition: readiness.probed(condition, answer))

    def _probe(self) -> Answer:
        began = time.monotonic()
        tokens_before = self._upstream.tokens_made()
        answer = self._upstream.complete(self._timing.probe_timeout_seconds)
        if answer.is_good:
            return answer
        # A full queue refuses at once: only after a while can one see whether tokens are still being made.
        self._stopped.wait(self._timing.probe_timeout_seconds - (time.monotonic() - began))
        return readiness.judged(answer, tokens_before, self._upstream.tokens_made())
