"""Runs the program once for each case, in forks of a process that has loaded the SDK, and writes what it declared.

usage: record.py OUTPUT.json
Stands apart from pytest because a program can run only once in a process.
"""

import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import stacks.components.manifest_item  # noqa: F401 - loads the SDK before the forks
from stacks.offline.recorder import record
from stacks.offline.settings import merged
from tests.stacks.examples import ENVIRONMENTS, OWNER

_UNPINNED = {"collectorImage": "unpinned", "gpuExporterImage": "unpinned"}


def recorded(environment: str, preview: bool) -> dict[str, Any]:
    """With secrets as the SDK wraps them, because a test asks whether it does."""
    owner = {**OWNER, **_UNPINNED} if environment == "rehearsal" else OWNER
    return record(environment, merged(environment, owner), preview=preview, keep_secrets=True)


def main(output: Path) -> None:
    cases = {**{environment: (environment, False) for environment in ENVIRONMENTS}, "preview": ("staging", True)}
    with tempfile.TemporaryDirectory() as folder:
        found = {case: _forked(Path(folder) / case, *how) for case, how in cases.items()}
    output.write_text(json.dumps(found))


def _forked(file: Path, environment: str, preview: bool) -> Any:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            file.write_text(json.dumps(recorded(environment, preview)))
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
