"""How measurements become figures and verdicts: nothing is invented where nothing was measured."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.gateway.budgets import verdicts
from benchmarks.gateway.contestants import DIRECT, LITELLM, SWITCHYARD
from benchmarks.gateway.figures import Life, Trial, found, percentile_ms, trial
from benchmarks.gateway.load import Run
from benchmarks.gateway.report import as_json, text
from benchmarks.gateway.trials import Results, order
from benchmarks.gateway.workloads import workloads

WORKLOADS = workloads(32, 10.0, 500.0)
BY_NAME = {workload.name: workload for workload in WORKLOADS}


def measured(contestant: str, workload: str, **values: Any) -> Trial:
    ran = Run(seconds=2.0, latencies=[0.001] * 10, firsts=[0.001] * 10)
    return replace(trial(contestant, BY_NAME[workload], ran, cpu_seconds=0.01), **values)


def test_a_percentile_is_a_latency_that_was_measured() -> None:
    assert percentile_ms([0.004, 0.001, 0.003, 0.002], 50) == 2.0
    assert percentile_ms([0.001] * 98 + [0.005, 0.009], 99) == 5.0
    assert percentile_ms([], 99) is None


def test_a_trial_without_answers_has_no_latency_and_no_cost() -> None:
    nothing = trial(LITELLM, BY_NAME["json"], Run(seconds=4.0), cpu_seconds=3.0)
    assert (nothing.requests_per_second, nothing.p99_ms, nothing.cpu_us) == (0.0, None, None)


def test_the_figure_of_many_trials_is_their_median_and_the_sum_of_their_errors() -> None:
    trials = [
        measured(SWITCHYARD, "json", requests_per_second=10.0),
        replace(measured(SWITCHYARD, "json", requests_per_second=90.0), errors={"cut": 1}),
        replace(measured(SWITCHYARD, "json", requests_per_second=20.0), errors={"cut": 2}),
        measured(LITELLM, "json", requests_per_second=1.0),
    ]
    figures = found(trials, SWITCHYARD, "json")
    assert figures is not None
    assert (figures.requests_per_second, figures.slowest, figures.fastest) == (20.0, 10.0, 90.0)
    assert figures.errors == {"cut": 3}
    assert found(trials, SWITCHYARD, "sse") is None


def test_a_chunk_costs_what_an_answer_in_chunks_costs_more_than_one_without() -> None:
    chunks = BY_NAME["sse-paced"].chunks
    trials = [measured(SWITCHYARD, "json", cpu_us=200.0), measured(SWITCHYARD, "sse-paced", cpu_us=200.0 + 50 * chunks)]
    by_name = {verdict.what: verdict for verdict in verdicts(trials, WORKLOADS)}
    assert by_name["and a chunk, streamed at a pace to the client"].measured == pytest.approx(50.0)
    assert by_name["and a chunk, streamed at once to the client"].is_kept is None


@pytest.mark.parametrize(("theirs", "is_kept"), [(100.0, True), (120.0, False)])
def test_throughput_is_judged_by_how_many_times_the_others_it_is(theirs: float, is_kept: bool) -> None:
    trials = [
        measured(SWITCHYARD, "json", requests_per_second=1000.0),
        measured(LITELLM, "json", requests_per_second=theirs),
    ]
    verdict = next(v for v in verdicts(trials, WORKLOADS) if v.what.startswith("requests/s"))
    assert verdict.is_kept is is_kept


def test_every_contestant_has_its_turn_in_each_trial_and_not_always_the_same_one() -> None:
    names = [DIRECT, SWITCHYARD, LITELLM]
    orders = [order(names, number) for number in range(5)]
    assert all(sorted(found) == sorted(names) for found in orders)
    assert len({tuple(found) for found in orders}) > 1


def test_the_report_says_what_was_added_what_went_wrong_and_what_is_missing() -> None:
    trials = [
        measured(DIRECT, "json", p50_ms=0.25),
        replace(measured(SWITCHYARD, "json", p50_ms=1.0), errors={"status 503": 7}),
    ]
    results = Results(trials, [Life(SWITCHYARD, 0.5, 35.0, 37.0)], [0.1])
    report = text(results, WORKLOADS, {"machine": "a test"})
    row = next(line for line in report.splitlines() if line.startswith(f"| {SWITCHYARD} "))
    assert "0.75" in row
    assert "7 status 503" in row
    assert "not measured" in report
    assert "machine: a test" in report
    assert as_json(results, WORKLOADS, {})["trials"][1]["errors"] == {"status 503": 7}
