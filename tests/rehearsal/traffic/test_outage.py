"""What a kill on purpose explains: streams that it cut and told of, answers of who stood in, and nothing else."""

from dataclasses import replace

import pytest

from rehearsal.traffic.accounting import StepWindow, account
from rehearsal.traffic.origins import answered_elsewhere
from rehearsal.traffic.outage import Outage
from rehearsal.traffic.record import Outcome, Record

OUTAGE = Outage(began=100.0, ended=120.0)
CUT = Record("a", 99.8, "node", True, 200, Outcome.CUT, "said", "blue", "green", "r-1", "vllm", 60.0, 400.0, told=True)
STOOD_IN = Record("b", 110.0, "node", False, 200, Outcome.ANSWERED, None, "blue", "green", "r-1", "openai", None, 400.0)


def test_a_stream_that_was_in_flight_when_its_vllm_was_killed_and_was_told_so_is_explained() -> None:
    assert OUTAGE.cut(CUT)


@pytest.mark.parametrize(
    "change",
    [
        {"told": False},
        {"tier": "openai"},
        {"outcome": Outcome.LOST},
        {"outcome": Outcome.ANSWERED},
        {"started": 99.0},
        {"started": 101.0},
        {"ms": None},
    ],
    ids=["not told", "not vLLM's", "lost", "answered", "ended before", "began afterwards", "never ended"],
)
def test_no_other_flaw_is_explained(change: dict[str, object]) -> None:
    assert not OUTAGE.cut(replace(CUT, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "explained"),
    [
        ({}, True),
        ({"started": 99.8}, True),
        ({"started": 120.0}, True),
        ({"started": 120.1}, False),
        ({"started": 99.0}, False),
        ({"tier": "cache"}, False),
    ],
    ids=["during", "in flight at the kill", "the last", "too late", "too early", "the cache"],
)
def test_openai_may_answer_for_as_long_as_vllm_is_away(change: dict[str, object], explained: bool) -> None:
    record = replace(STOOD_IN, **change)  # type: ignore[arg-type]
    assert OUTAGE.stood_in(record) is explained
    assert (answered_elsewhere([record], OUTAGE) == {}) is explained


def test_without_an_outage_every_answer_from_elsewhere_is_counted() -> None:
    assert answered_elsewhere([STOOD_IN]) == {"openai": 1}


def test_a_cut_that_is_explained_is_counted_apart_and_is_no_flaw() -> None:
    windows = [StepWindow("vLLM is killed", 99.0, 101.0)]
    run = account([CUT, STOOD_IN], [], windows, OUTAGE)
    assert (run.total.cut, run.total.cut_by_outage, run.total.answered) == (0, 1, 1)
    assert (run.steps[0].tally.cut, run.steps[0].tally.cut_by_outage) == (0, 1)
    assert run.flawless


def test_a_cut_that_is_not_explained_is_a_flaw_in_an_outage_too() -> None:
    run = account([CUT, replace(CUT, id="c", told=False)], [], [], OUTAGE)
    assert (run.total.cut, run.total.cut_by_outage, run.flawless) == (1, 1, False)
    assert not account([CUT], [], []).flawless
