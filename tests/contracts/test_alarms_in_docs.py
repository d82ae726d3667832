"""The page about alarms says of each what the program declares."""

import re
from pathlib import Path

from stacks.alarms import alarms
from tests.stacks.test_alarms import WATCHED

PAGE = (Path(__file__).resolve().parents[2] / "docs/alarms.md").read_text()


def test_the_page_lists_every_alarm_with_its_severity_and_whether_it_blocks() -> None:
    listed = {}
    for line in PAGE.splitlines():
        if found := re.match(r"\| `(\w+)`", line):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            listed[found[1]] = (cells[3], cells[4] == "yes")
    assert listed == {alarm.name: (alarm.severity.value, alarm.blocks_release) for alarm in alarms(WATCHED)}
