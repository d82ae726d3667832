"""What the candidates for the upstream client cost: CPU time of this process a request, and a streamed chunk.

    .venv/bin/python -m benchmarks.gateway.clients [--trials 5] [--requests 3000] [--concurrency 32]

All run in this process, on one core and one uvloop, one at a time, against the same upstream in another process. Trials
are interleaved and the order turns, so that what else the machine does meets all of them. CPU time counts the threads
of a client, too, and is what a busy machine distorts least; wall time is not reported. A chunk's figure is that of its
whole stream divided by the chunks, the request included. `closed`: of so many requests that were cancelled while they
waited for an answer, how many connections the upstream saw closed within a second.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

import uvloop

from benchmarks.gateway.candidates import CANDIDATES, Call
from benchmarks.gateway.leaving import closed_after_leaving
from benchmarks.gateway.plain_upstream import ANSWER, CHUNKS, EVENT

LEAVING = 20
BODY = b'{"messages": "' + b"x" * 1000 + b'"}'


@dataclass(frozen=True)
class Trial:
    """One candidate, once. Microseconds of CPU."""

    client: str
    request_us: float
    chunk_us: float
    errors: int


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.trials < 1:
        print("--trials is at least 1", file=sys.stderr)
        return 1
    with _upstream() as url, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        trials = runner.run(_measure(url, options.trials, options.requests, options.concurrency))
        closed = runner.run(_leave())
    print(table(trials, closed))
    return 1 if any(trial.errors for trial in trials) else 0


def table(trials: list[Trial], closed: dict[str, int]) -> str:
    """One line a client: medians, their spread, and how many times the cheapest."""
    clients = list(dict.fromkeys(trial.client for trial in sorted(trials, key=lambda trial: trial.request_us)))
    mine = {client: [trial for trial in trials if trial.client == client] for client in clients}
    requests = {client: [trial.request_us for trial in mine[client]] for client in clients}
    chunks = {client: [trial.chunk_us for trial in mine[client]] for client in clients}
    head = (
        f"{'client':>10} {'us/request':>11} {'(range)':>15} {'times':>6} {'us/chunk':>9} {'(range)':>13} {'times':>6}"
    )
    lines = [f"{head} {'errors':>7} {'closed':>7}"]
    for client in clients:
        errors = sum(trial.errors for trial in mine[client])
        figures = f"{_figures(requests, client, 11, 15)} {_figures(chunks, client, 9, 13)}"
        lines.append(f"{client:>10} {figures} {errors:>7} {f'{closed[client]}/{LEAVING}':>7}")
    return "\n".join(lines)


def _figures(found: dict[str, list[float]], client: str, width: int, range_width: int) -> str:
    medians = {name: statistics.median(values) for name, values in found.items()}
    spread = f"{min(found[client]):.1f}-{max(found[client]):.1f}"
    ratio = medians[client] / min(medians.values())
    return f"{medians[client]:>{width}.1f} {spread:>{range_width}} {ratio:>6.1f}"


async def _measure(url: str, count: int, requests: int, concurrency: int) -> list[Trial]:
    names = list(CANDIDATES)
    trials: list[Trial] = []
    async with AsyncExitStack() as stack:
        calls = {name: await stack.enter_async_context(CANDIDATES[name]()) for name in names}
        for call in calls.values():
            await _whole(call, url, concurrency * 10, concurrency)
        for trial in range(count):
            for name in names[trial % len(names) :] + names[: trial % len(names)]:
                trials.append(await _trial(name, calls[name], url, requests, concurrency))
                print(f"  {trials[-1]}", file=sys.stderr, flush=True)
    return trials


async def _leave() -> dict[str, int]:
    closed: dict[str, int] = {}
    for name, candidate in CANDIDATES.items():
        async with candidate() as call:
            closed[name] = await closed_after_leaving(call, LEAVING)
    return closed


async def _trial(name: str, call: Call, url: str, requests: int, concurrency: int) -> Trial:
    request_seconds, whole_errors = await _timed(lambda: _whole(call, url, requests, concurrency))
    stream_seconds, stream_errors = await _timed(lambda: _streams(call, url, concurrency))
    return Trial(
        name,
        request_seconds / requests * 1e6,
        stream_seconds / (concurrency * CHUNKS) * 1e6,
        whole_errors + stream_errors,
    )


async def _timed(work: Callable[[], Awaitable[int]]) -> tuple[float, int]:
    before = time.process_time()
    errors = await work()
    return time.process_time() - before, errors


async def _whole(call: Call, url: str, requests: int, concurrency: int) -> int:
    """Closed loop: each worker asks again as soon as it was answered. Returns the errors."""
    left = iter(range(requests))

    async def worker() -> int:
        return sum([await _failed(call, url, len(ANSWER)) for _ in left])

    return sum(await asyncio.gather(*[worker() for _ in range(concurrency)]))


async def _streams(call: Call, url: str, concurrency: int) -> int:
    length = len(EVENT) * CHUNKS
    return sum(await asyncio.gather(*[_failed(call, f"{url}/stream", length) for _ in range(concurrency)]))


async def _failed(call: Call, url: str, length: int) -> bool:
    got = 0
    try:
        async for data in call(url, BODY):
            got += len(data)
    except Exception as error:
        print(f"  {error!r}", file=sys.stderr)
        return True
    return got != length


@contextmanager
def _upstream() -> Iterator[str]:
    """On another core than this process, where there is another."""
    cores = sorted(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "benchmarks.gateway.plain_upstream"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        os.sched_setaffinity(process.pid, {cores[-1]})
        os.sched_setaffinity(0, {cores[0]})
        try:
            if process.stdout is None:
                raise RuntimeError("the upstream has no output")
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            os.sched_setaffinity(0, set(cores))
            process.terminate()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway.clients", description=__doc__)
    parser.add_argument("--trials", type=int, default=5, help="of each client")
    parser.add_argument("--requests", type=int, default=3000, help="a trial")
    parser.add_argument("--concurrency", type=int, default=32, help="requests and streams at a time")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
