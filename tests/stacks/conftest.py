"""The program, run once for all tests: each environment with outputs, and one preview without."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.children import MEASURED
from tests.stacks.declared import Program

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """From a working directory that has nothing to do with the repository, because Pulumi chooses its own."""
    folder = tmp_path_factory.mktemp("elsewhere")
    output = folder / "recorded.json"
    argv = [sys.executable, "-W", "error::DeprecationWarning:stacks", "-m", "tests.stacks.record", str(output)]
    ran = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, env=_environment())
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(output.read_text())
    return found


@pytest.fixture(params=["rehearsal", "staging", "production"])
def program(recorded: dict[str, Any], request: pytest.FixtureRequest) -> Program:
    """Each environment in turn."""
    return Program(recorded[request.param])


@pytest.fixture
def production(recorded: dict[str, Any]) -> Program:
    return Program(recorded["production"])


@pytest.fixture
def preview(recorded: dict[str, Any]) -> Program:
    return Program(recorded["preview"])


def _environment() -> dict[str, str]:
    """No credentials and no cloud: the program must need neither."""
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **MEASURED}
