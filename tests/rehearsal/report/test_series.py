"""Slices of a run hold every request once."""

from dataclasses import replace

import pytest

from rehearsal.report.series import series
from rehearsal.traffic.accounting import account
from rehearsal.traffic.record import Record
from tests.rehearsal.report.made_up import bad_run, good_run, record, windows


@pytest.mark.parametrize("maximum", [1, 7, 30, 240])
def test_no_request_is_left_out_or_counted_twice(maximum: int) -> None:
    run = series(bad_run(), maximum)
    assert sum(part.requests for part in run.slices) == 300
    assert (sum(part.lost for part in run.slices), sum(part.cut for part in run.slices)) == (2, 1)
    assert len(run.slices) <= maximum + 1


def test_a_switch_shows_in_the_colours() -> None:
    slices = series(good_run(), 240).slices
    assert [set(part.by_colour) for part in slices[:15]] == [{"blue"}] * 15
    assert [set(part.by_colour) for part in slices[15:]] == [{"green"}] * 15
    assert {model for part in slices for model in part.by_model} == {"blue"}


def test_an_answer_of_another_tier_is_not_the_models() -> None:
    records: list[Record] = [record(0, tier="openai", model_colour=None), record(1)]
    assert series(account(records, [], []), 240).slices[0].by_model == {"openai": 1, "blue": 1}


def test_steps_before_and_after_the_traffic_are_on_the_axis() -> None:
    early, *_others = windows()
    run = series(account([record(50)], [], [replace(early, ended_at=early.started_at + 40)]), 240)
    assert (run.seconds, run.marks[0].start, run.marks[0].end) == (40.0, 0.0, 40.0)


def test_nothing_at_all_is_an_empty_series() -> None:
    assert series(account([], [], []), 240).slices == ()
