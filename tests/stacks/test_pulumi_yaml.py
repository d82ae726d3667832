"""`Pulumi.yaml` is the reference of the settings; the code reads exactly what stands there."""

from pathlib import Path
from types import NoneType
from typing import Any, get_args

import pytest
import yaml

from stacks.offline.settings import SafeLoader
from stacks.reading import settings_of
from stacks.schema import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT: dict[str, Any] = yaml.load((ROOT / "Pulumi.yaml").read_text(), Loader=SafeLoader)
DOCUMENTED: dict[str, Any] = PROJECT["config"]
READ = {name: (hint, field) for name, hint, field in settings_of(Settings)}
# Pulumi knows no decimal numbers, so they travel as strings.
KINDS = {int: "integer", float: "string", bool: "boolean", tuple[str, ...]: "array"}


def test_every_setting_that_is_read_is_documented_and_the_reverse() -> None:
    assert set(DOCUMENTED) == set(READ)


@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_a_setting_is_documented_with_its_type_and_what_it_means(name: str) -> None:
    entry, (hint, field) = DOCUMENTED[name], READ[name]
    assert entry["type"] == KINDS.get(hint, "string")
    assert len(entry["description"]) > 20
    assert bool(entry.get("secret")) == bool(field.metadata.get("secret"))
    assert ("(decimal)" in entry["description"]) == (hint is float)


@pytest.mark.parametrize("name", sorted(name for name in DOCUMENTED if "default" in DOCUMENTED[name]))
def test_a_default_has_the_type_that_it_is_documented_with(name: str) -> None:
    python = {"integer": int, "string": str, "boolean": bool, "array": list}[DOCUMENTED[name]["type"]]
    assert type(DOCUMENTED[name]["default"]) is python


def test_only_what_nobody_can_know_for_the_owner_has_no_default() -> None:
    without = {name for name, entry in DOCUMENTED.items() if "default" not in entry}
    assert without == {"domainName", "gpuAmiId", "previewToken"}


def test_what_may_stay_empty_is_optional_in_the_code_and_the_reverse() -> None:
    empty = {name for name, entry in DOCUMENTED.items() if entry.get("default") == ""}
    assert empty == {name for name, (hint, _) in READ.items() if NoneType in get_args(hint)}


@pytest.mark.parametrize("file", sorted((ROOT / "stacks/settings").glob("Pulumi.*.yaml")), ids=lambda file: file.name)
def test_a_settings_file_sets_documented_settings_only_to_their_own_type(file: Path) -> None:
    python = {"integer": int, "string": str, "boolean": bool, "array": list}
    for key, value in yaml.load(file.read_text(), Loader=SafeLoader)["config"].items():
        assert isinstance(value, python[DOCUMENTED[key.removeprefix("switchyard:")]["type"]]), key


@pytest.mark.parametrize("file", sorted((ROOT / "stacks/settings").glob("Pulumi.*.yaml")), ids=lambda file: file.name)
def test_a_settings_file_says_its_region_because_the_tasks_look_for_it_there(file: Path) -> None:
    assert yaml.load(file.read_text(), Loader=SafeLoader)["config"]["switchyard:region"]


def test_the_program_is_found_from_the_repository_root() -> None:
    assert (ROOT / PROJECT["main"] / "__main__.py").is_file()
    assert (ROOT / PROJECT["stackConfigDir"] / "Pulumi.production.yaml").is_file()
    assert PROJECT["runtime"]["options"]["virtualenv"] == ".venv"
