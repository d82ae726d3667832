"""Which failures are tried once more on the same tier, and how many second tries may be out."""

import pytest
from gateway.outcome import Reason
from gateway.retrying import RetryBudget, may_retry
from gateway.settings import RetryPolicy

RETRIED = {Reason.CONNECT_FAILED, Reason.RESET, Reason.SERVER_ERROR}


@pytest.mark.parametrize("reason", Reason)
def test_only_what_fails_fast_and_may_be_over_is_tried_again(reason: Reason) -> None:
    assert may_retry(reason, 0.0) == (reason in RETRIED)


def test_a_reason_that_is_unknown_here_is_not_tried_again() -> None:
    assert not may_retry("something_new", 0.0)


def test_what_took_longer_than_half_a_second_is_not_tried_again() -> None:
    assert may_retry("reset", 0.5)
    assert not may_retry("reset", 0.501)


@pytest.mark.parametrize(("in_flight", "allowed"), [(0, 2), (20, 2), (29, 2), (30, 3), (100, 10), (109, 10)])
def test_second_tries_are_at_most_a_share_of_what_is_in_flight_but_a_few_are_always_allowed(
    in_flight: int, allowed: int
) -> None:
    budget = RetryBudget(RetryPolicy(share=0.1, minimum=2), lambda: in_flight)
    assert [budget.take() for _ in range(allowed + 2)] == [True] * allowed + [False] * 2


def test_what_was_given_back_may_be_taken_again() -> None:
    budget = RetryBudget(RetryPolicy(minimum=1), lambda: 0)
    assert budget.take() and not budget.take()
    budget.give_back()
    assert budget.take() and not budget.take()


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 0.0), (0.5, 0.01), (1.0, 0.02)])
def test_the_pause_is_anything_up_to_the_whole_jitter(chance: float, seconds: float) -> None:
    budget = RetryBudget(RetryPolicy(jitter_seconds=0.02), lambda: 0, random=lambda: chance)
    assert budget.pause_seconds() == pytest.approx(seconds)
