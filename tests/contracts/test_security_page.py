"""The security page is made from its table, and nobody edits it by hand."""

from pathlib import Path

from scripts.security.page import page, rows

PAGE = Path(__file__).resolve().parents[2] / "docs/security.md"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text() == page(), "run: make docs"


def test_every_exception_says_why() -> None:
    for row in rows():
        if row.state == "exception":
            assert len(row.text) > 40, row.id


def test_every_control_is_on_the_page_once() -> None:
    assert all(page().count(f"| {row.id} |") == 1 for row in rows())
