"""Whether the gateway keeps anything of streams that their clients left: memory, file descriptors, tasks.

    .venv/bin/python -m benchmarks.gateway.soak [--streams 100000] [--clients 64]

Clients leave before the first word, at it and after it. It is looked at before, in the middle and after, each time when
nothing is in flight; before is after WARM streams, when pools and caches are filled. Exit 1 when it grew beyond the
bounds, when a client was answered otherwise than expected, or when the upstream still writes for somebody who left.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import uvloop

from benchmarks.gateway.aborting import Moment, abort
from benchmarks.gateway.contestants import KEY, switchyard
from benchmarks.gateway.errors import BenchmarkFailed
from benchmarks.gateway.load import Target
from benchmarks.gateway.looking import Look, Watching
from benchmarks.gateway.processes import Cores, free_port, mock_upstream, pinned, serving
from benchmarks.gateway.report import number, table

GROWN_MB, GROWN_LATE_SHARE = 20.0, 0.1
GROWN_DESCRIPTORS = GROWN_TASKS = 10
"""Bounds from before to after; the share is of memory, from the middle to after."""

WARM = 2_000
_PROGRESS = 5_000


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    cores = Cores.of(sorted(os.sched_getaffinity(0)))
    started_at = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory(prefix="switchyard-soak-") as folder, mock_upstream(cores.mock) as mock_port:
            looks, left = _soak(options.streams, options.clients, mock_port, cores, Path(folder))
    except BenchmarkFailed as error:
        print(f"soak: {error}", file=sys.stderr)
        return 1
    found = problems(looks, left)
    print(f"{left.total()} streams in {time.perf_counter() - started_at:.0f} s: {_counts(left)}\n\n{_table(looks)}\n")
    print("\n".join(found) or "nothing was kept")
    return 1 if found else 0


def problems(looks: Sequence[Look], left: Counter[str]) -> list[str]:
    """One line for each bound that was broken. `looks`: before, middle, after."""
    before, middle, after = looks
    found = []
    if after.memory_mb - before.memory_mb > GROWN_MB:
        found.append(f"memory grew by {after.memory_mb - before.memory_mb:.1f} MB: at most {GROWN_MB:g} MB")
    if after.memory_mb > middle.memory_mb * (1 + GROWN_LATE_SHARE):
        found.append(
            f"memory grew from {middle.memory_mb:.1f} to {after.memory_mb:.1f} MB in the second half: "
            f"at most {GROWN_LATE_SHARE:.0%}"
        )
    if after.descriptors - before.descriptors > GROWN_DESCRIPTORS:
        found.append(f"{after.descriptors - before.descriptors} descriptors more: at most {GROWN_DESCRIPTORS}")
    if after.tasks - before.tasks > GROWN_TASKS:
        found.append(f"{after.tasks - before.tasks} tasks more: at most {GROWN_TASKS}")
    for look in looks:
        if look.in_flight or look.upstream:
            found.append(f"{look.when}: {look.in_flight} in flight and {look.upstream} upstream, with no client left")
    unexpected = {what: count for what, count in left.items() if what not in set(Moment)}
    return found + [f"{count} clients: {what}" for what, count in unexpected.items()]


def _soak(
    streams: int, clients: int, mock_port: int, cores: Cores, folder: Path
) -> tuple[tuple[Look, Look, Look], Counter[str]]:
    port, inside_port = free_port(), free_port()
    invocation = switchyard(port, mock_port, folder)
    command = (sys.executable, "-m", "benchmarks.gateway.inspected", str(inside_port))
    environment = {**os.environ, **invocation.environment}
    metrics_port = int(invocation.environment["SWITCHYARD_METRICS_PORT"])
    with (
        serving(command, environment, cores.server, (port, invocation.ready), folder / "gateway.log") as server,
        pinned(cores.load),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        watching = Watching(server, inside_port, metrics_port, mock_port)
        visitors = _Visitors(Target(port, KEY), clients, streams)
        runner.run(visitors.come(min(WARM, streams)))
        visitors.left.clear()
        before = watching.look("before")
        runner.run(visitors.come(streams // 2))
        middle = watching.look("middle")
        runner.run(visitors.come(streams - streams // 2))
        return (before, middle, watching.look("after")), visitors.left


class _Visitors:
    def __init__(self, target: Target, clients: int, streams: int) -> None:
        self._target = target
        self._clients = clients
        self._streams = streams
        self._count = 0
        self.left: Counter[str] = Counter()

    async def come(self, count: int) -> None:
        self.left += await abort(self._target, count, self._clients, self._one_left)

    def _one_left(self) -> None:
        self._count += 1
        if self._count % _PROGRESS == 0:
            print(f"  {self._count} of {self._streams + WARM} streams", file=sys.stderr, flush=True)


def _table(looks: Sequence[Look]) -> str:
    head = ("", "memory MB", "descriptors", "tasks", "objects", "in flight", "upstream")
    rows = [
        [look.when, number(look.memory_mb), *map(str, (look.descriptors, look.tasks, look.objects)),
         str(look.in_flight), str(look.upstream)]
        for look in looks
    ]  # fmt: skip
    return table(head, rows)


def _counts(left: Counter[str]) -> str:
    return ", ".join(f"{count} left {what}" for what, count in sorted(left.items()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gateway.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--streams", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=64, help="at a time")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
