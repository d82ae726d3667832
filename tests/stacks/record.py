"""Runs the program once for each case, in forks of a process that has loaded the SDK, and writes what it declared.

usage: record.py OUTPUT.json
Stands apart from pytest because a program can run only once in a process.
"""

import gc
import importlib
import json
import os
import pkgutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from stacks import components
from stacks.offline import placeholders
from stacks.offline.recorder import record
from stacks.offline.settings import merged
from tests.stacks.examples import ENVIRONMENTS, OWNER, WIDE, ZONE

_UNPINNED = {"collectorImage": "unpinned", "gpuExporterImage": "unpinned"}


def owned(environment: str, owner: dict[str, str], *, preview: bool = False) -> dict[str, Any]:
    """With what its owner knows, and secrets as the SDK wraps them, because a test asks whether it does."""
    return record(environment, merged(environment, owner), preview=preview, keep_secrets=True)


def completed(environment: str) -> dict[str, Any]:
    """As the tasks and the pages ask for it: `python -m stacks.offline ENVIRONMENT`."""
    return record(environment, placeholders.completed(environment))


_CASES: dict[str, Callable[[], dict[str, Any]]] = {
    **{environment: partial(owned, environment, OWNER) for environment in ENVIRONMENTS},
    "rehearsal": partial(owned, "rehearsal", {**OWNER, **_UNPINNED}),
    "preview": partial(owned, "staging", OWNER, preview=True),
    "shells": partial(owned, "staging", {**OWNER, "executeCommand": "true"}),
    "zone": partial(owned, "staging", ZONE),
    "wide": partial(owned, "production", WIDE),
    "zone-preview": partial(owned, "staging", ZONE, preview=True),
    **{f"completed-{environment}": partial(completed, environment) for environment in ENVIRONMENTS},
}


def main(output: Path) -> None:
    _load()
    with tempfile.TemporaryDirectory() as folder:
        found = {case: _forked(Path(folder) / case, run) for case, run in _CASES.items()}
    output.write_text(json.dumps(found))


def _load() -> None:
    """Everything that the forks share: loading it costs more than a run."""
    for module in pkgutil.iter_modules(components.__path__, f"{components.__name__}."):
        importlib.import_module(module.name)
    gc.freeze()
    gc.disable()  # each fork ends before it could need it


def _forked(file: Path, run: Callable[[], dict[str, Any]]) -> Any:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            file.write_text(json.dumps(run()))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit(f"the program failed for {file.name}")
    return json.loads(file.read_text())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
