"""The gateway beside LiteLLM's proxy and beside no gateway at all: same machine, same upstream, one server at a time.

    make benchmark-gateway [ARGUMENTS="--quick"]

Prints the tables; what happens meanwhile goes to stderr, and all figures to .benchmarks/gateway.json. The server has a
core of its own, the load generator another; the mock upstream shares that one where there are only two. Closed loops
show what a server can do; in open ones requests come at a rate that even the slowest can follow, and latency means
something. See benchmarks/gateway/workloads.py for what is asked, contestants.py for how each is started. CPU a request
is the figure that a busy machine distorts least; requests/s of a machine that does other work mean little.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

from benchmarks.gateway.contestants import contestants, litellm_version
from benchmarks.gateway.errors import BenchmarkFailed
from benchmarks.gateway.processes import Cores, mock_upstream
from benchmarks.gateway.report import as_json, text
from benchmarks.gateway.trials import Plan, measure
from benchmarks.gateway.workloads import workloads

TRIALS_AT_LEAST = 5
"""Fewer are a look, not a measurement."""

_STEADY = "where these differ, so did the machine, and figures compare only within a trial"
_QUICK_TRIALS, _QUICK_SECONDS = 2, 1.0


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.quick:
        options.trials, options.seconds = _QUICK_TRIALS, _QUICK_SECONDS
    plan = Plan(
        options.trials, options.seconds, options.slow_rate,
        workloads(options.connections, options.slow_rate, options.fast_rate),
    )  # fmt: skip
    try:
        chosen = contestants(with_litellm=not options.without_litellm, with_workers=options.with_workers)
        cores = Cores.of(sorted(os.sched_getaffinity(0)))
        about = _about(plan, cores, with_litellm=not options.without_litellm)
        with tempfile.TemporaryDirectory(prefix="switchyard-benchmark-") as folder, mock_upstream(cores.mock) as port:
            results = measure(plan, chosen, port, cores, Path(folder), _say)
    except BenchmarkFailed as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    about["load average, end"] = _load_average()
    about["the same work took"] = f"{min(results.speeds):.3f} to {max(results.speeds):.3f} s CPU: {_STEADY}"
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(as_json(results, plan.workloads, about), indent=1) + "\n")
    print(text(results, plan.workloads, about))
    return 0


def _about(plan: Plan, cores: Cores, *, with_litellm: bool) -> dict[str, str]:
    """What a reader has to know before believing a figure."""
    where = f"server on {sorted(cores.server)}, load on {sorted(cores.load)}, mock on {sorted(cores.mock)}"
    few = "" if plan.trials >= TRIALS_AT_LEAST else f" (a look: a measurement has {TRIALS_AT_LEAST} or more)"
    versions = [f"{name} {metadata.version(name)}" for name in ("uvicorn", "uvloop")]
    versions += [f"litellm {litellm_version()}"] if with_litellm else []
    return {
        "date": time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime()),
        "machine": f"{_processor()}, {os.cpu_count()} cores; {where}",
        "software": f"Python {platform.python_version()}, {', '.join(versions)}",
        "trials": f"{plan.trials} of {plan.seconds:g} s a workload{few}",
        "load average, start": _load_average(),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _load_average() -> str:
    return f"{os.getloadavg()[0]:.2f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gateway", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="two trials of a second: a look, in about two minutes")
    parser.add_argument("--trials", type=int, default=TRIALS_AT_LEAST)
    parser.add_argument("--seconds", type=float, default=3.0, help="a workload and trial")
    parser.add_argument("--connections", type=int, default=32, help="of a closed loop")
    parser.add_argument("--slow-rate", type=float, default=10.0, help="requests/s of an open loop for all")
    parser.add_argument("--fast-rate", type=float, default=500.0, help="for those that can follow")
    parser.add_argument("--without-litellm", action="store_true", help="where it cannot be installed: no ratios")
    parser.add_argument("--with-workers", action="store_true", help="LiteLLM with two workers on all cores, too")
    parser.add_argument("--json", type=Path, default=Path(".benchmarks/gateway.json"), help="where the figures go")
    return parser


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
