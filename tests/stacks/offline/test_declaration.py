"""What an environment declares can be known without a cloud, credentials or secrets."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stacks.errors import OfflineFailed
from stacks.offline.declaration import SECRET, Program, declared
from stacks.offline.placeholders import completed
from stacks.offline.settings import merged, secret_keys
from tests.children import MEASURED

ROOT = Path(__file__).resolve().parents[3]
TOKEN = completed("staging")["switchyard:previewToken"]


@pytest.fixture(scope="module")
def staging() -> Program:
    return declared("staging")


def test_the_printed_declaration_is_read_back_with_the_options_that_the_engine_acts_on(staging: Program) -> None:
    rule = staging.one("ingress-traffic")
    assert (rule.kind, rule.protect, rule.ignore_changes) == ("ListenerRule", True, ["actions"])
    assert staging.one("manifest-current").inputs["item"].startswith("{")
    assert staging.environment == "staging"


def test_tests_that_share_a_run_see_what_the_command_prints(staging: Program, recorded: dict[str, Any]) -> None:
    shared = Program(recorded["completed-staging"])
    assert {found.name: found for found in shared.all} == {found.name: found for found in staging.all}
    assert shared.outputs == staging.outputs


def test_no_secret_is_printed(staging: Program) -> None:
    assert staging.one("ingress-preview-blue").inputs["conditions"] == SECRET
    assert TOKEN not in str([found.inputs for found in staging.all]) + str(staging.outputs)


def test_an_environment_without_settings_is_refused_with_the_childs_own_sentence() -> None:
    with pytest.raises(OfflineFailed, match=r"nowhere.*Pulumi\.nowhere\.yaml cannot be read"):
        declared("nowhere")


def test_the_command_needs_one_environment_and_no_variable_of_the_shell() -> None:
    argv = [sys.executable, "-m", "stacks.offline"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **MEASURED}
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "usage" in ran.stderr


@pytest.mark.parametrize("environment", ["staging", "production", "rehearsal"])
def test_placeholders_stand_only_for_what_the_settings_do_not_say(environment: str) -> None:
    chosen = {key: value for key, value in merged(environment, {}).items() if key not in secret_keys()}
    differing = {key for key, value in completed(environment).items() if chosen.get(key, "") != value}
    assert {chosen.get(key, "") for key in differing} <= {"", "[]", "unpinned"}


def test_an_encrypted_setting_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(
        "name: switchyard\nconfig: {region: {default: us-east-1}, domainName: {type: string}, odd: {type: string}}\n"
    )
    (tmp_path / "Pulumi.staging.yaml").write_text(
        "config:\n  switchyard:domainName: {secure: 'v1:abc'}\n  switchyard:odd: {secure: 'v1:def'}\n"
    )
    found = completed("staging", tmp_path)
    assert found["switchyard:domainName"] == "llm.example.com"
    assert found["switchyard:odd"] == "placeholder-odd"
    assert "v1:" not in str(found)
