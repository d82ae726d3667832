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
from tests.stacks.examples import ENVIRONMENTS, OWNER, WIDE, ZONE

_UNPINNED = {"collectorImage": "unpinned", "gpuExporterImage": "unpinned"}


# A case: the environment, what its owner knows, whether it is a preview.
_CASES: dict[str, tuple[str, dict[str, str], bool]] = {
    **{environment: (environment, OWNER, False) for environment in ENVIRONMENTS},
    "rehearsal": ("rehearsal", {**OWNER, **_UNPINNED}, False),
    "preview": ("staging", OWNER, True),
    "shells": ("staging", {**OWNER, "executeCommand": "true"}, False),
    "zone": ("staging", ZONE, False),
    "wide": ("production", WIDE, False),
    "zone-preview": ("staging", ZONE, True),
}


def recorded(environment: str, owner: dict[str, str], preview: bool) -> dict[str, Any]:
    """With secrets as the SDK wraps them, because a test asks whether it does."""
    return record(environment, merged(environment, owner), preview=preview, keep_secrets=True)


def main(output: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = {case: _forked(Path(folder) / case, *how) for case, how in _CASES.items()}
    output.write_text(json.dumps(found))


def _forked(file: Path, environment: str, owner: dict[str, str], preview: bool) -> Any:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            file.write_text(json.dumps(recorded(environment, owner, preview)))
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
