"""The program, run once for all tests that ask what it declares, and which tests share a worker."""

import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from stacks.offline.declaration import Program
from tests.children import MEASURED

ROOT = Path(__file__).resolve().parent.parent


# Running the program costs seconds: these share one worker, and the program is run in that one only.
OF_THE_PROGRAM = ("tests/stacks/", "tests/contracts/test_costs.py", "tests/contracts/test_permissions_page.py")


class ByFile(LoadScopeScheduling):
    """Tests of one file stay in one worker, and so do all those of the program.

    xdist's own groups are marks, which it writes where pytest 9.2 no longer reads them (xdist 3.8).
    """

    def _split_scope(self, nodeid: str) -> str:
        return "program" if nodeid.startswith(OF_THE_PROGRAM) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What the tests load stays for good: to look for cycles in it, again and again, took a tenth of their time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(2_000, 20, 100)
        gc.enable()


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Each case of `tests/stacks/record.py`. Read only: whoever changes one copies it.

    From a working directory that has nothing to do with the repository, because Pulumi chooses its own.
    """
    folder = tmp_path_factory.mktemp("elsewhere")
    output = folder / "recorded.json"
    argv = [sys.executable, "-W", "error::DeprecationWarning:stacks", "-m", "tests.stacks.record", str(output)]
    ran = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, env=_environment())
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(output.read_text())
    return found


@pytest.fixture(scope="session")
def declared(recorded: dict[str, Any]) -> Callable[[str], Program]:
    """`stacks.offline.declaration.declared`, without another run of the program."""
    return lambda environment: Program(recorded[f"completed-{environment}"])


def _environment() -> dict[str, str]:
    """No credentials and no cloud: the program must need neither."""
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **MEASURED}
