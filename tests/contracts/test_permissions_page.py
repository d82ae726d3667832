"""The page about roles is what the program and the tasks declare now."""

from pathlib import Path

from scripts.permissions.page import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


def test_the_page_about_permissions_is_true() -> None:
    assert PAGE.read_text() == page(), "it is old: make docs"
