"""Sums, windows, percentiles and duplicates, from planted records."""

from dataclasses import replace

import pytest

from rehearsal.traffic.accounting import Account, StepWindow, account, percentile, seconds_to_last_answer
from rehearsal.traffic.record import Outcome, Record

GOOD = Record(
    "0", 0.0, "node", False, 200, Outcome.ANSWERED, None, "blue", "green", "r-1", "vllm", first_token_ms=None, ms=100.0
)


def _run(*outcomes: Outcome | None, **others: object) -> Account:
    records = [replace(GOOD, id=str(at), started=float(at), outcome=outcome) for at, outcome in enumerate(outcomes)]
    return account(records, **{"completed_ids": [], "windows": [], **others})  # type: ignore[arg-type]


def test_each_outcome_is_counted_once() -> None:
    total = _run(Outcome.ANSWERED, Outcome.LOST, Outcome.CUT, Outcome.REFUSED, Outcome.ANSWERED).total
    assert (total.requests, total.answered, total.lost, total.cut, total.refused) == (5, 2, 1, 1, 1)


def test_a_request_that_never_ended_is_lost() -> None:
    total = _run(Outcome.ANSWERED, None).total
    assert (total.lost, total.unfinished) == (1, 1)


@pytest.mark.parametrize("flaw", [Outcome.LOST, Outcome.CUT, Outcome.REFUSED, None])
def test_a_run_with_any_flaw_is_not_flawless(flaw: Outcome | None) -> None:
    assert _run(Outcome.ANSWERED).flawless
    assert not _run(Outcome.ANSWERED, flaw).flawless


def test_a_run_without_traffic_proves_nothing() -> None:
    assert not _run().flawless


def test_a_step_that_ended_otherwise_than_expected_is_a_flaw() -> None:
    step = StepWindow("broken candidate", 0, 1, exit_code=2, expected_exit_code=2)
    assert _run(Outcome.ANSWERED, windows=[step]).flawless
    assert not _run(Outcome.ANSWERED, windows=[replace(step, exit_code=0)]).flawless


def test_two_completed_generations_of_one_request_are_one_duplicate() -> None:
    run = _run(
        Outcome.ANSWERED, Outcome.ANSWERED, completed_ids=["0", "1", "0", "0"], windows=[StepWindow("all", 0, 9)]
    )
    assert run.total.duplicated == run.steps[0].tally.duplicated == 1
    assert not run.flawless


def test_a_duplicate_that_the_traffic_did_not_send_is_in_the_total_only() -> None:
    run = _run(Outcome.ANSWERED, completed_ids=["probe", "probe", "0"], windows=[StepWindow("all", 0, 9)])
    assert (run.total.duplicated, run.steps[0].tally.duplicated) == (1, 0)


def test_a_request_belongs_to_the_step_in_which_it_started() -> None:
    early = replace(GOOD, id="long", started=9.9, ms=5000.0)
    at_the_border = replace(GOOD, id="border", started=10.0, outcome=Outcome.LOST)
    between = replace(GOOD, id="between", started=25.0)
    windows = [StepWindow("one", 0, 10), StepWindow("two", 10, 20)]
    run = account([between, at_the_border, early], [], windows)
    assert [step.tally.requests for step in run.steps] == [1, 1]
    assert [step.tally.lost for step in run.steps] == [0, 1]
    assert run.total.requests == 3


def test_requests_are_counted_by_what_answered_them() -> None:
    green = replace(GOOD, id="1", colour="green", tier="openai", release="r-2")
    silent = replace(GOOD, id="2", colour=None, tier=None, release=None, outcome=Outcome.LOST)
    total = account([GOOD, green, silent], [], []).total
    assert total.by_colour == {"blue": 1, "green": 1}
    assert total.by_tier == {"vllm": 1, "openai": 1}
    assert total.by_release == {"r-1": 1, "r-2": 1}


@pytest.mark.parametrize(
    ("count", "percent", "expected"),
    [(1, 50, 1), (2, 50, 1), (3, 50, 2), (20, 95, 19), (21, 95, 20), (100, 95, 95), (180, 95, 171), (5, 100, 5)],
)
def test_percentiles_are_by_nearest_rank(count: int, percent: int, expected: float) -> None:
    assert percentile([float(value) for value in range(count, 0, -1)], percent) == expected


def test_latency_is_of_answered_requests() -> None:
    slow_loss = replace(GOOD, id="1", outcome=Outcome.LOST, ms=20000.0)
    assert account([GOOD, slow_loss], [], []).total.p95_ms == 100.0
    assert account([slow_loss], [], []).total.p95_ms is None


def test_the_rate_is_what_was_really_sent() -> None:
    assert _run(*[Outcome.ANSWERED] * 8).rate_per_second == 1.0
    assert _run(Outcome.ANSWERED).rate_per_second == 0.0


def test_the_last_answer_of_a_colour_is_when_it_ended() -> None:
    records = [replace(GOOD, started=at, ms=500.0) for at in (1.0, 10.2)]
    green = replace(GOOD, started=30.0, colour="green")
    assert seconds_to_last_answer([*records, green], "blue", since=10.0) == pytest.approx(0.7)
    assert seconds_to_last_answer(records, "blue", since=11.0) == 0.0
