"""vLLM's engine as one sees it from outside: a queue with an end, a batch, token by token, and its bad habits.

No HTTP here (fake_vllm.py). Times are sleeps: what is imitated is when things happen, not the work.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

from rehearsal.fake_behaviour import VllmBehaviour

_REASON = "max_num_queued_reqs"


class QueueFull(Exception):
    """More requests are waiting or running than the engine admits."""


class ShutDown(Exception):
    """The engine takes no new requests: it is draining."""


class Engine:
    """One engine. `max_in_flight` counts waiting and running together; None: no end to the queue."""

    def __init__(self, behaviour: VllmBehaviour, max_running: int, max_in_flight: int | None) -> None:
        self._behaviour = behaviour
        self._max_in_flight = max_in_flight if behaviour.max_queue is None else behaviour.max_queue
        self._slots = asyncio.Semaphore(max_running)
        self._moving = asyncio.Event()
        self._moving.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._is_draining = False
        self._loaded_at = time.monotonic()
        self._in_flight = 0
        self._running = 0
        self._generated = 0
        self._prompted = 0
        self._finished = {"stop": 0, "length": 0}
        self._rejected = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Hold a place from admission until the answer is written. Raises QueueFull or ShutDown."""
        if self._is_draining:
            raise ShutDown("cannot schedule new futures after shutdown")
        if self._max_in_flight is not None and self._in_flight >= self._max_in_flight:
            self._rejected += 1
            raise QueueFull(f"the engine has {self._in_flight} requests in flight, its limit")
        self._in_flight += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._in_flight -= 1
            if self._in_flight == 0:
                self._idle.set()

    async def tokens(self, wanted: tuple[str, ...], is_stream: bool) -> AsyncGenerator[str, None]:
        """The tokens, one by one, each in its time; waits for a place in the batch first."""
        async with self._slots:
            self._running += 1
            try:
                await self._step(self._behaviour.first_token_seconds)
                for place, token in enumerate(wanted):
                    if place:
                        await self._step(self._behaviour.token_seconds)
                        self._die_if_due(is_stream)
                    self._generated += 1
                    yield token
            finally:
                self._running -= 1

    def finished(self, finish_reason: str, prompt_token_count: int) -> None:
        self._finished[finish_reason] += 1
        self._prompted += prompt_token_count

    def toggle_hang(self) -> None:
        """Hang, or go on. A hung engine takes requests and never answers; the HTTP side notices nothing."""
        if self._moving.is_set():
            self._moving.clear()
        else:
            self._moving.set()

    async def drain(self, timeout_seconds: float) -> bool:
        """Finish what is in flight and refuse the rest. Whether the process can end now.

        Without a timeout vLLM gives up its requests, answers none of them, closes no connection, and lingers.
        """
        self._is_draining = True
        if timeout_seconds > 0:
            try:
                await asyncio.wait_for(self._idle.wait(), timeout_seconds)
            except TimeoutError:
                print(f"shutdown timeout: {self._in_flight} requests aborted", file=sys.stderr)
            return True
        if self._in_flight:
            self._moving.clear()
        return not self._in_flight

    def exposition(self, model: str) -> str:
        """/metrics, under vLLM's names. The gauges of a hung engine read 0: that too is a habit of vLLM."""
        seen = f'{{engine="0",model_name="{model}"}}'
        is_moving = self._moving.is_set()
        running, waiting = self._running * is_moving, (self._in_flight - self._running) * is_moving
        done = [
            f'vllm:request_success_total{{engine="0",finished_reason="{reason}",model_name="{model}"}} {count:.1f}'
            for reason, count in self._finished.items()
        ]
        return "\n".join(
            [
                "# TYPE vllm:num_requests_running gauge",
                f"vllm:num_requests_running{seen} {running:.1f}",
                "# TYPE vllm:num_requests_waiting gauge",
                f"vllm:num_requests_waiting{seen} {waiting:.1f}",
                "# TYPE vllm:kv_cache_usage_perc gauge",
                f"vllm:kv_cache_usage_perc{seen} {min(1.0, running / 100):.4f}",
                "# TYPE vllm:prompt_tokens_total counter",
                f"vllm:prompt_tokens_total{seen} {self._prompted:.1f}",
                "# TYPE vllm:generation_tokens_total counter",
                f"vllm:generation_tokens_total{seen} {self._generated:.1f}",
                "# TYPE vllm:request_success_total counter",
                *done,
                "# TYPE vllm:admission_rejections_total counter",
                f'vllm:admission_rejections_total{{model_name="{model}",reason="{_REASON}"}} {self._rejected:.1f}',
                "",
            ]
        )

    async def _step(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._moving.wait()

    def _die_if_due(self, is_stream: bool) -> None:
        limit = self._behaviour.die_after_seconds
        if is_stream and limit is not None and time.monotonic() - self._loaded_at >= limit:
            print("EngineCore died: CUDA error: an illegal memory access was encountered", file=sys.stderr, flush=True)
            os._exit(1)
