import re
from pathlib import Path

from rehearsal.faults import Fault

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rehearsal.md"


def test_the_page_lists_every_fault_and_no_other() -> None:
    table = PAGE.read_text().partition("| fault |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z0-9-]+)`", table, re.MULTILINE)) == set(Fault)
