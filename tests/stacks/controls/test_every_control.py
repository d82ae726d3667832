"""The table of controls is whole: what is "held" has a test named after it, and each test can fail."""

import copy
import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from scripts.security.page import rows
from tests.stacks.controls.control import CONTROLS
from tests.stacks.declared import Program

HERE = Path(__file__).resolve().parent
HELD = {row.id for row in rows() if row.state == "held"}

for _file in sorted(HERE.glob("test_*.py")):
    if _file.stem != Path(__file__).stem:
        importlib.import_module(f"tests.stacks.controls.{_file.stem}")


def test_every_row_says_its_state_and_why() -> None:
    assert len({row.id for row in rows()}) == len(rows())
    for row in rows():
        assert row.state in ("held", "exception", "account", "absent"), row.id
        assert row.text or row.state in ("held", "absent"), row.id


def test_every_control_that_is_held_has_a_test_and_no_other_has() -> None:
    tested = {name for name in CONTROLS if name not in ("KMS.1", "KMS.2")}
    assert tested == HELD


@pytest.mark.parametrize("name", sorted(HELD))
def test_a_controls_test_is_named_after_it(name: str) -> None:
    first = re.sub(r"\W+", "_", CONTROLS[name].test.__name__)
    numbers = {re.sub(r"\W", "_", found).lower() for found in re.findall(r"[A-Za-z0-9]+\.\d+", name)}
    shared = {other for other, entry in CONTROLS.items() if entry.test is CONTROLS[name].test}
    numbers |= {re.sub(r"\W", "_", found).lower() for other in shared for found in re.findall(r"\w+\.\d+", other)}
    assert any(first.startswith(f"test_{number}_") for number in numbers), first


@pytest.mark.parametrize("name", sorted(HELD))
def test_a_control_that_is_broken_is_seen(name: str, recorded: dict[str, Any]) -> None:
    broken = Program(copy.deepcopy(recorded["production"]))
    CONTROLS[name].test(Program(copy.deepcopy(recorded["production"])))
    CONTROLS[name].broken(broken)
    with pytest.raises(AssertionError):
        CONTROLS[name].test(broken)
