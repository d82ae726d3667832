"""The security page is made from its table, and nobody edits it by hand."""

from stacks.pages.security import PAGE, TABLE, page, rows


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text() == page(rows(TABLE.read_text())), "make docs"


def test_every_exception_says_why() -> None:
    for row in rows(TABLE.read_text()):
        if row.state == "exception":
            assert len(row.text) > 40, row.id


def test_every_control_is_on_the_page_once() -> None:
    found = rows(TABLE.read_text())
    text = page(found)
    assert all(text.count(f"| {row.id} |") == 1 for row in found)
