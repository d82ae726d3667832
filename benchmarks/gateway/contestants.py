"""Who is measured, and how each is started: as its own makers say that it should serve.

What a server logs on its output is thrown away, the gateway's line for each request after it was written.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateway.errors import BenchmarkFailed
from benchmarks.gateway.load import Target
from benchmarks.gateway.processes import Cores, Server, free_port, serving
from benchmarks.gateway.workloads import MODEL, Workload

LITELLM_HOME = Path(".benchmarks/litellm")
STOLEN_VERSIONS = frozenset({"1.82.7", "1.82.8"})
"""Releases of LiteLLM on PyPI that carried a credential stealer."""

DIRECT, SWITCHYARD, BARE, LITELLM, LITELLM_WORKERS = (
    "direct", "switchyard", "switchyard, features off", "litellm", "litellm, 2 workers",
)  # fmt: skip

IN_ORDER = (DIRECT, SWITCHYARD, BARE, LITELLM, LITELLM_WORKERS)

KEY = "sk-0123456789abcdef0123456789abcdef"
_PASSED_ON = ("PATH", "HOME", "LANG", "PYTHONPATH", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Invocation:
    """A server that can be started. `ready`: the path that answers 200 once it serves."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: str


@dataclass(frozen=True)
class Contestant:
    """`invoke` takes the server's port, the mock's port and a folder for its files; None: the mock itself.

    `assembles`: it asks the upstream to stream for a client that does not. `is_fast`: it can follow the fast rate.
    `everywhere`: it has more processes than one core would serve, so it has all of them.
    """

    name: str
    invoke: Callable[[int, int, Path], Invocation] | None
    assembles: bool = False
    is_fast: bool = True
    everywhere: bool = False

    def takes_part_in(self, workload: Workload, slow_rate: float) -> bool:
        if workload.assembled and not self.assembles:
            return False
        return self.is_fast or workload.rate_per_second <= slow_rate

    @contextmanager
    def running(self, mock_port: int, cores: Cores, folder: Path) -> Iterator[tuple[Target, Server | None]]:
        if self.invoke is None:
            yield Target(mock_port, KEY), None
            return
        port = free_port()
        invocation = self.invoke(port, mock_port, folder)
        where = cores.server | cores.load | cores.mock if self.everywhere else cores.server
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment = {**passed_on, **invocation.environment}
        log = folder / f"{self.name.replace(', ', '-').replace(' ', '-')}.log"
        with serving(invocation.command, environment, where, (port, invocation.ready), log) as server:
            yield Target(port, KEY), server


def contestants(*, with_litellm: bool, with_workers: bool) -> tuple[Contestant, ...]:
    """Raises BenchmarkFailed when LiteLLM is wanted and not installed, or a release that nobody should run."""
    found = [
        Contestant(DIRECT, None),
        Contestant(SWITCHYARD, switchyard, assembles=True),
        Contestant(BARE, switchyard_without_features, assembles=True),
    ]
    if with_litellm:
        litellm_version()
        found.append(Contestant(LITELLM, litellm, is_fast=False))
    if with_litellm and with_workers:
        found.append(Contestant(LITELLM_WORKERS, litellm_workers, is_fast=False, everywhere=True))
    return tuple(found)


def switchyard(port: int, mock_port: int, folder: Path) -> Invocation:
    """Everything on that a task without tables can have. The paid tier is there, and never needed."""
    upstream = f"http://127.0.0.1:{mock_port}"
    features = {
        "SWITCHYARD_API_KEYS": json.dumps({"benchmark": KEY} | {f"other-{n}": f"sk-other-{n:032}" for n in range(99)}),
        "SWITCHYARD_EXTERNAL_FALLBACK": "allow",
        "OPENAI_API_KEY": "sk-upstream",
        "SWITCHYARD_OPENAI_BASE_URL": f"{upstream}/v1",
        "SWITCHYARD_OPENAI_MODEL": "paid",
        "SWITCHYARD_OPENAI_MONTHLY_CAP_USD": "100",
        "SWITCHYARD_MAX_OUTPUT_TOKENS": "4096",
        "SWITCHYARD_PROMPT_LIMIT_CHARACTERS": "100000",
        "SWITCHYARD_OVERFLOW_QUEUE_DEPTH": "100",
        "SWITCHYARD_VLLM_INPUT_USD_PER_MILLION": "0.1",
        "SWITCHYARD_VLLM_OUTPUT_USD_PER_MILLION": "0.4",
    }
    return _switchyard(port, upstream, features)


def switchyard_without_features(port: int, mock_port: int, folder: Path) -> Invocation:
    """What can be switched off is off; a key, admission, metrics and the log cannot."""
    features = {"SWITCHYARD_API_KEYS": json.dumps({"benchmark": KEY}), "SWITCHYARD_CACHE_SECONDS": "0"}
    return _switchyard(port, f"http://127.0.0.1:{mock_port}", features)


def litellm(port: int, mock_port: int, folder: Path, workers: int = 1) -> Invocation:
    """As its benchmark page and its production page say: no retries, no callbacks, no cache, errors only in the log.

    Its prices come from its own package, because fetching them makes the start depend on the network; the upstream is
    called by a name that has one, because a name without costs it more.
    """
    config = folder / "litellm.json"
    upstream = {"model": "openai/gpt-4o", "api_base": f"http://127.0.0.1:{mock_port}/v1", "api_key": "sk-upstream"}
    settings = {
        "model_list": [{"model_name": MODEL, "litellm_params": upstream}],
        "litellm_settings": {"callbacks": [], "num_retries": 0, "request_timeout": 30, "set_verbose": False},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
        "general_settings": {"master_key": KEY},
    }
    config.write_text(json.dumps(settings))
    environment = {
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "PYTHONPATH": "",
    }
    command = (
        str(LITELLM_HOME.absolute() / "bin" / "litellm"), "--host", "127.0.0.1", "--port", str(port),
        "--config", str(config), "--num_workers", str(workers),
    )  # fmt: skip
    return Invocation(command, environment, "/health/readiness")


def litellm_workers(port: int, mock_port: int, folder: Path) -> Invocation:
    return litellm(port, mock_port, folder, workers=2)


def litellm_version() -> str:
    """Raises BenchmarkFailed."""
    found = sorted(LITELLM_HOME.glob("lib/python*/site-packages/litellm-*.dist-info"))
    if not found:
        raise BenchmarkFailed(
            f"LiteLLM is not installed in {LITELLM_HOME}: `make benchmark-gateway` installs it from "
            "benchmarks/gateway/litellm.lock; where it cannot, add --without-litellm and there are no ratios"
        )
    version = found[0].name.removeprefix("litellm-").removesuffix(".dist-info")
    if version in STOLEN_VERSIONS:
        raise BenchmarkFailed(
            f"LiteLLM {version} carries a credential stealer: delete {LITELLM_HOME} and this machine's keys"
        )
    return version


def _switchyard(port: int, upstream: str, features: Mapping[str, str]) -> Invocation:
    environment = {
        "SWITCHYARD_VLLM_URL": upstream,
        "SWITCHYARD_MODEL": MODEL,
        "SWITCHYARD_BIND_ADDRESS": "127.0.0.1",
        "SWITCHYARD_HTTP_PORT": str(port),
        "SWITCHYARD_METRICS_PORT": str(free_port()),
        **features,
    }
    return Invocation((sys.executable, "-m", "gateway"), environment, "/ready")
