"""What the rehearsal reads of the gateway's metrics is what the gateway calls so."""

import pytest
from gateway.metrics import Metrics
from gateway.outcome import RouteName, StatusClass, TierName
from gateway.usage import Tokens

from rehearsal.addresses import AddressPool
from rehearsal.errors import RehearsalError
from rehearsal.gateway_metrics import TierCounts, counts, read
from tests.gateway.stage import settings


def exposition(requests: int) -> str:
    metrics = Metrics(settings("http://vllm", "http://openai"))
    for tier in (TierName.VLLM, TierName.OPENAI):
        for _ in range(requests):
            metrics.request(RouteName.CHAT_COMPLETIONS, StatusClass.SUCCESS, tier)
            metrics.used(tier, Tokens(700, 100), 2_750_000)
        metrics.request(RouteName.CHAT_COMPLETIONS, StatusClass.INCOMPLETE, tier)
    return metrics.exposition().decode()


def test_a_tier_is_added_up_over_all_tasks() -> None:
    found = counts([exposition(2), exposition(3)], "openai")
    assert (found.requests, found.prompt_tokens, found.completion_tokens) == (5, 3500, 500)
    assert found.usd == pytest.approx(5 * 0.00275)


def test_a_tier_that_nobody_knows_counted_nothing() -> None:
    assert counts([exposition(1)], "another") == TierCounts()


def test_the_difference_is_of_everything() -> None:
    assert TierCounts(5, 50, 7, 2.0).since(TierCounts(2, 20, 3, 0.5)) == TierCounts(3, 30, 4, 1.5)


def test_a_task_that_does_not_answer_is_named() -> None:
    pool = AddressPool()
    try:
        with pytest.raises(RehearsalError, match=":9090/metrics does not answer"):
            read([pool.task()], "openai")
    finally:
        pool.close()
