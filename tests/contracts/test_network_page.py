"""docs/network.md shows the access lists as they are declared."""

from pathlib import Path

from stacks.access_rules import AccessRule, private_rules, public_rules
from stacks.components.firewall import DOOR_PORT

PAGE = Path(__file__).resolve().parents[2] / "docs" / "network.md"


def test_the_page_has_every_rule_of_both_lists_and_no_other() -> None:
    lists = {
        "public": public_rules("`cidr`", ("`allowedSourceRanges`",), DOOR_PORT),
        "private": private_rules("`cidr`"),
    }
    wanted = [_row(which, rule) for which, rules in lists.items() for rule in rules]
    shown = [line for line in PAGE.read_text().splitlines() if line.startswith(("| public |", "| private |"))]
    assert shown == wanted


def _row(which: str, rule: AccessRule) -> str:
    return f"| {which} | {rule.number} | {rule.source} | {_what(rule)} |"


def _what(rule: AccessRule) -> str:
    if rule.message:
        return "ICMP type {} code {}".format(*rule.message)
    if rule.protocol == "-1":
        return "everything"
    first, last = rule.ports
    return f"TCP {first}" if first == last else f"TCP {first}-{last}"
