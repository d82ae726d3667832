"""The load generator: so many connections that never rest, or requests that come when they come.

A latency counts from the moment the request was sent, which in an open loop is when it was due: one that cannot be
sent on an idle connection gets a new one, so that nothing ever waits for an answer. `late` says how many were sent more
than LATE_SECONDS after they were due because this process had no time; those measure nothing but the machine.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.gateway.connection import Answer, Connection, request
from benchmarks.gateway.workloads import PATH, Loop, Workload

LATE_SECONDS = 0.01
DRAIN_SECONDS = 20.0
_IDLE_SECONDS = 2.0
_RECONNECT_SECONDS = 0.05


@dataclass(frozen=True)
class Target:
    """Where requests go, and the key they carry."""

    port: int
    key: str


@dataclass
class Run:
    """What one workload gave: latencies and times to the first word of whole answers, and what else happened."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    firsts: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    late: int = 0


async def run(target: Target, workload: Workload, seconds: float, seed: int) -> Run:
    """Asks for `seconds`, then waits up to DRAIN_SECONDS for what is still unanswered."""
    if workload.loop is Loop.CLOSED:
        return await _Closed(target, workload).run(seconds)
    return await _Open(target, workload).run(seconds, seed)


class _Load:
    """What both loops have in common."""

    def __init__(self, target: Target, workload: Workload) -> None:
        self._port = target.port
        self._workload = workload
        self._request = request(target.port, PATH, target.key, workload.body)
        self._run = Run()
        self._open: set[Connection] = set()
        self._unanswered = 0

    async def _connect(self) -> Connection | None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(lambda: Connection(self._finished), "127.0.0.1", self._port)
        except OSError as error:
            self._run.errors[f"connect {error.strerror or error}"] += 1
            return None
        self._open.add(connection)
        return connection

    def _ask(self, connection: Connection) -> None:
        self._unanswered += 1
        connection.ask(self._request)

    def _finished(self, connection: Connection, answer: Answer) -> None:
        self._unanswered -= 1
        problem = "cut" if answer.is_cut else self._workload.problem_of(answer.status, answer.body)
        if problem is not None:
            self._run.errors[problem] += 1
        else:
            self._run.latencies.append(answer.ended_at - answer.sent_at)
            self._run.firsts.append(answer.first_at - answer.sent_at)

    async def _end(self, started_at: float) -> Run:
        give_up_at = time.perf_counter() + DRAIN_SECONDS
        while self._unanswered and time.perf_counter() < give_up_at:  # noqa: ASYNC110 - an event costs each answer
            await asyncio.sleep(0.005)
        self._run.seconds = time.perf_counter() - started_at
        if self._unanswered:
            self._run.errors["unanswered"] += self._unanswered
        for connection in self._open:
            connection.leave()
        return self._run


class _Closed(_Load):
    def __init__(self, target: Target, workload: Workload) -> None:
        super().__init__(target, workload)
        self._until = 0.0
        self._reconnecting: set[asyncio.Task[None]] = set()

    async def run(self, seconds: float) -> Run:
        started_at = time.perf_counter()
        self._until = started_at + seconds
        await asyncio.gather(*[self._begin() for _ in range(self._workload.connections)])
        await asyncio.sleep(max(0.0, self._until - time.perf_counter()))
        await asyncio.gather(*self._reconnecting)
        return await self._end(started_at)

    async def _begin(self) -> None:
        while time.perf_counter() < self._until:
            connection = await self._connect()
            if connection is not None:
                self._ask(connection)
                return
            await asyncio.sleep(_RECONNECT_SECONDS)

    def _finished(self, connection: Connection, answer: Answer) -> None:
        super()._finished(connection, answer)
        if answer.ended_at >= self._until:
            return
        if connection.is_open:
            self._ask(connection)
            return
        self._open.discard(connection)
        task = asyncio.get_running_loop().create_task(self._begin())
        self._reconnecting.add(task)
        task.add_done_callback(self._reconnecting.discard)


class _Open(_Load):
    def __init__(self, target: Target, workload: Workload) -> None:
        super().__init__(target, workload)
        self._idle: list[Connection] = []
        self._connecting: set[asyncio.Task[None]] = set()

    async def run(self, seconds: float, seed: int) -> Run:
        """The same seed is the same arrivals, so that all contestants see them. Independent clients: gaps are
        exponential."""
        arrivals = random.Random(seed)  # noqa: S311 - arrivals, not secrets
        started_at = due_at = time.perf_counter()
        while due_at < started_at + seconds:
            await asyncio.sleep(max(0.0, due_at - time.perf_counter()))
            self._run.late += time.perf_counter() - due_at > LATE_SECONDS
            self._send()
            due_at += arrivals.expovariate(self._workload.rate_per_second)
        await asyncio.gather(*self._connecting)
        return await self._end(started_at)

    def _send(self) -> None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and time.perf_counter() - connection.idle_since < _IDLE_SECONDS:
                self._ask(connection)
                return
            connection.leave()
            self._open.discard(connection)
        task = asyncio.get_running_loop().create_task(self._send_on_new())
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _send_on_new(self) -> None:
        connection = await self._connect()
        if connection is not None:
            self._ask(connection)

    def _finished(self, connection: Connection, answer: Answer) -> None:
        super()._finished(connection, answer)
        if connection.is_open:
            self._idle.append(connection)
        else:
            self._open.discard(connection)
