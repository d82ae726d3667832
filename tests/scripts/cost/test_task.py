"""`fab stack.cost`, as an operator without an account runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import ns
from tests.children import MEASURED
from tests.scripts.test_command import fab as here

ROOT = Path(__file__).resolve().parents[3]


def fab(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """No credentials, no region, no home."""
    argv = [sys.executable, "-m", "fabric", "stack.cost", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{ROOT}/app_image", **MEASURED}
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)


def test_it_needs_neither_account_nor_credentials() -> None:
    ran = fab("--env", "staging", "--json", "--requests-per-month", "1000")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["environment"] == "staging"
    assert found["idle_monthly_usd"] > 500
    assert {one["what"] for one in found["lines"] if one["price"] == "ec2.g5.xlarge"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--env", "nowhere"), "unknown environment 'nowhere'"),
        (("--env", "staging", "--region-prices", "none.toml"), "none.toml cannot be read"),
        (("--env", "staging", "--fallback-share", "4"), "expected a share from 0 to 1"),
        (("--env", "staging", "--log-gb", "much"), "--log-gb: expected a number"),
    ],
)
def test_what_cannot_be_costed_is_refused_before_the_program_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    assert here(monkeypatch, "stack.cost", *arguments, of=ns) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
