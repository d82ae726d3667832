"""The table on the terminal."""

from rehearsal.report import terminal_table
from rehearsal.traffic.accounting import account
from tests.rehearsal.report.made_up import FACTS_OF_OUTAGE, bad_run, good_run, outage_run, windows


def test_the_table_has_a_line_for_each_step_and_one_for_the_run() -> None:
    table = terminal_table(good_run()).splitlines()
    assert table[0].split() == ["step", "seconds", "requests", "lost", "p50", "ms", "p95", "ms"]
    assert table[2].split() == ["deploy-green", "10.0", "100", "0", "569", "614"]
    assert table[6].split() == ["all", "traffic", "29.9", "300", "0", "649", "784"]
    assert table[-1] == "300 requests, 0 lost, 0 streams cut, 0 duplicated, at 10.0 a second."
    assert len({len(line) for line in table[:7]}) == 1


def test_every_kind_of_finding_is_said() -> None:
    said = terminal_table(bad_run()).splitlines()[-1]
    expected = (
        "300 requests, 2 lost, 1 stream cut, 1 duplicated, 1 refused, 1 of the lost never ended, at 10.0 a second."
    )
    assert said == expected


def test_a_stream_that_the_story_cut_is_said_beside_the_zeros_and_so_is_the_cost() -> None:
    *_, counted, cost = terminal_table(outage_run(), FACTS_OF_OUTAGE.fallback).splitlines()
    assert counted == (
        "300 requests, 0 lost, 0 streams cut, 0 duplicated, 1 stream cut when the story killed vLLM (its client told "
        "in-band), at 10.0 a second."
    )
    assert cost.startswith("While vLLM was away OpenAI answered 90 requests in 12.5 s: 63,000 + 9,000 tokens, $0.2475")


def test_a_run_without_traffic_has_a_table_too() -> None:
    table = terminal_table(account([], [], windows())).splitlines()
    assert table[2].split() == ["deploy-green", "10.0", "0", "0", "-", "-"]
