"""The page about roles is what the program and the tasks declare now."""

from collections.abc import Callable
from pathlib import Path

from scripts.permissions.page import page
from stacks.offline.declaration import Program

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


def test_the_page_about_permissions_is_true(declared: Callable[[str], Program]) -> None:
    assert PAGE.read_text() == page(declared), "it is old: make docs"
