"""What a look shows: each task, which of them can be believed, one sentence, and what to type."""

from typing import Any

import pytest

from scripts.switches import item, task_report
from scripts.switches.standing import Standing
from scripts.switches.task_report import FRESH_SECONDS
from tests.scripts.fake_clock import START
from tests.scripts.switches.reports import report

OPEN = {"state": "open", "seconds_left": 41.4, "reset_number": 3}
FORCED = {"pk": "switch", "sk": "tier#openai", "mode": "force", "by": "arn:ana", "at": "2026-11-22", "reason": "drill"}


def standing(*tasks: Any, switches: tuple[Any, ...] = ()) -> Standing:
    return Standing("staging", item.read(switches), task_report.all_of(tasks, START))


def test_all_is_well_in_one_sentence_and_nothing_to_type() -> None:
    found = standing(report("a"), report("b"))
    assert found.summary == "2 tasks; vllm closed; openai closed; order vllm, openai, cache"
    assert found.next_command is None


def test_an_open_breaker_is_counted_and_how_to_close_it_is_said() -> None:
    found = standing(report("a", vllm=OPEN), report("b"), report("c", vllm={"state": "half_open"}))
    assert "vllm open on 2 of 3 (one asks again in 0 s)" in found.summary
    assert found.next_command == "fab breaker.reset --env staging --tier vllm"
    assert "vllm open (41 s), openai closed" in found.text
    assert "half-open" in found.text


def test_a_switch_says_who_set_it_when_and_why_and_comes_before_the_rest() -> None:
    found = standing(report(vllm=OPEN), switches=(FORCED,))
    assert "openai is forced since 2026-11-22 by arn:ana: drill" in found.text
    assert "order openai, cache" in found.summary
    assert found.next_command == "fab fallback.auto --env staging"


def test_a_stale_report_is_marked_and_counts_for_nothing() -> None:
    found = standing(report("a"), report("b", age=FRESH_SECONDS + 5, vllm=OPEN))
    assert "20 s, stale" in found.text
    assert found.summary.startswith("1 task; vllm closed")
    assert [task["fresh"] for task in found.body["tasks"]] == [True, False]


def test_a_task_that_is_long_gone_is_not_shown_though_dynamodb_still_has_it() -> None:
    assert standing(report(age=61)).tasks == ()


def test_without_a_task_that_reports_it_says_so() -> None:
    assert standing().summary == "no gateway task reports; order vllm, openai, cache"
    assert "clock right?" in standing(report(age=30)).summary
    assert standing().next_command == "fab status --env staging"


@pytest.mark.parametrize("at", [START.timestamp(), "2026-11-22T03:00:00Z", "2026-11-22T03:00:00"])
def test_a_moment_is_read_in_seconds_or_as_iso(at: object) -> None:
    (task,) = task_report.all_of([report(at=at)], START)
    assert task.age_seconds == 0


def test_a_report_of_another_release_with_more_less_or_nonsense_in_it_is_shown_as_far_as_it_goes() -> None:
    odd = {"pk": "task", "sk": "odd", "at": START.timestamp(), "breakers": "[", "modes": '{"vllm": "dance"}', "new": 1}
    (task,) = task_report.all_of([odd, {"pk": "task", "sk": "no time"}], START)
    assert (task.task, task.breakers, task.modes) == ("odd", {}, {})
    assert standing(odd).summary.startswith("1 task; no breaker")


def test_switches_that_this_kit_does_not_know_are_passed_over() -> None:
    found = item.read([{"sk": "tier#moon", "mode": "off"}, {"sk": "tier#vllm", "mode": "sideways"}])
    assert found.settings == {}
    assert set(found.numbers.values()) == {0}
