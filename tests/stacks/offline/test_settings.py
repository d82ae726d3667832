"""Defaults, then the environment's file, then overrides: as the engine merges them."""

from pathlib import Path

import pytest

from stacks.errors import UnreadableSettings
from stacks.offline.settings import merged, secret_keys

PROJECT = """
name: switchyard
stackConfigDir: there
config:
  a: {type: integer, description: x, default: 1}
  b: {type: array, description: x, default: [one]}
  c: {type: string, description: x, default: text}
  token: {type: string, secret: true, description: x}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "there").mkdir()
    (tmp_path / "there/Pulumi.rehearsal.yaml").write_text("config:\n  switchyard:a: 2\n  switchyard:c: file\n")
    return tmp_path


def test_an_override_wins_over_the_file_and_the_file_over_the_default(repository: Path) -> None:
    found = merged("rehearsal", {"c": "override"}, repository)
    assert found == {"switchyard:a": "2", "switchyard:b": '["one"]', "switchyard:c": "override"}


def test_a_setting_without_default_is_absent_until_somebody_gives_it(repository: Path) -> None:
    assert "switchyard:token" not in merged("rehearsal", {}, repository)
    assert merged("rehearsal", {"token": "t"}, repository)["switchyard:token"] == "t"


def test_secrets_are_those_that_the_project_declares(repository: Path) -> None:
    assert secret_keys(repository) == ["switchyard:token"]


@pytest.mark.parametrize("body", ["- a list", "a: [", ""])
def test_a_file_that_is_no_mapping_is_named(repository: Path, body: str) -> None:
    (repository / "there/Pulumi.rehearsal.yaml").write_text(body)
    with pytest.raises(UnreadableSettings, match=r"Pulumi\.rehearsal\.yaml"):
        merged("rehearsal", {}, repository)


def test_an_environment_without_a_file_is_named(repository: Path) -> None:
    with pytest.raises(UnreadableSettings, match=r"Pulumi\.elsewhere\.yaml"):
        merged("elsewhere", {}, repository)
