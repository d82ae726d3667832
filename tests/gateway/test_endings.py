"""What a client is told when nobody answered."""

import pytest
from gateway.endings import unanswered
from gateway.errors import ApiError
from gateway.outcome import Reason
from gateway.tiers.errors import TierFailed


def told(*failures: TierFailed, other: bool = True) -> tuple[int, str, str | None]:
    error: ApiError = unanswered(failures, has_other_provider=other)
    return error.status, str(error.code), dict(error.headers).get(b"retry-after", b"").decode() or None


def test_a_last_tier_that_failed_is_a_bad_gateway() -> None:
    failures = TierFailed(Reason.RATE_LIMITED, retry_after_seconds=3), TierFailed(Reason.RESET)

    assert told(*failures) == (502, "all_tiers_failed", None)


@pytest.mark.parametrize("reason", [Reason.OVERLOADED, Reason.RATE_LIMITED, Reason.BUSY, Reason.BREAKER_OPEN])
def test_a_last_tier_that_has_too_much_to_do_is_worth_another_try(reason: Reason) -> None:
    assert told(TierFailed(Reason.RESET), TierFailed(reason, retry_after_seconds=17)) == (503, "overloaded", "17")
    assert told(TierFailed(reason)) == (503, "overloaded", "5")


@pytest.mark.parametrize("other", [False, True])
def test_a_request_whose_time_is_over_hears_that_and_not_that_the_model_is_gone(other: bool) -> None:
    assert told(TierFailed(Reason.RESET), TierFailed(Reason.TIME_LIMIT), other=other) == (502, "time_limit", None)


def test_without_another_provider_the_model_is_unavailable_for_a_while() -> None:
    assert told(TierFailed(Reason.RESET), other=False) == (503, "model_unavailable", "5")
    open_breaker = TierFailed(Reason.BREAKER_OPEN, retry_after_seconds=42)
    assert told(open_breaker, other=False) == (503, "model_unavailable", "42")


def test_a_client_whose_time_is_up_hears_that_and_not_that_somebody_failed() -> None:
    assert told(TierFailed(Reason.RESET), TierFailed(Reason.TIME_LIMIT)) == (502, "time_limit", None)
    assert told(TierFailed(Reason.TIME_LIMIT), other=False) == (502, "time_limit", None)


def test_nobody_is_sent_away_for_longer_than_a_minute() -> None:
    assert told(TierFailed(Reason.RATE_LIMITED, retry_after_seconds=86_400))[2] == "60"


def test_the_message_names_every_reason_in_order() -> None:
    error = unanswered([TierFailed(Reason.RESET), TierFailed(Reason.SERVER_ERROR)], has_other_provider=True)
    assert "(reset, server_error)" in str(error)
    assert "every tier is switched off" in str(unanswered([], has_other_provider=True))
