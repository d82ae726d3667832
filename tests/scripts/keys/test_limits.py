"""What may be asked for when a key is made."""

from typing import Any

import pytest

from scripts.errors import WrongUsage
from scripts.keys import limits
from scripts.keys.client_key import Limits
from stacks.external_fallback import ExternalFallback


def asked(**given: Any) -> Limits:
    nothing: dict[str, Any] = dict.fromkeys(
        ("requests_per_minute", "tokens_per_minute", "monthly_budget_usd", "models", "external_fallback")
    )
    return limits.asked(**{**nothing, **given})


def test_nothing_said_is_no_limit() -> None:
    assert asked() == Limits(None, None, None, None, ExternalFallback.ALLOW)


@pytest.mark.parametrize(
    ("usd", "text"), [(50.0, "50"), (0.5, "0.5"), (1234567.25, "1234567.25"), (1e20, "1" + "0" * 20)]
)
def test_a_budget_is_kept_as_a_decimal_number_as_it_was_said(usd: float, text: str) -> None:
    assert asked(monthly_budget_usd=usd).monthly_budget_usd == text


def test_models_are_named_with_commas() -> None:
    assert asked(models="a, b").models == ("a", "b")


@pytest.mark.parametrize(
    "given",
    [
        {"requests_per_minute": 0},
        {"tokens_per_minute": -1},
        {"monthly_budget_usd": 0.0},
        {"monthly_budget_usd": float("inf")},
        {"monthly_budget_usd": float("nan")},
        {"models": "a,,b"},
        {"models": "a,a"},
    ],
    ids=str,
)
def test_a_limit_that_means_nothing_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(WrongUsage):
        asked(**given)


@pytest.mark.parametrize("name", ["", "two words", "a#b", "(smoke)", ".a", "x" * 65, "ключ"])
def test_a_name_that_would_not_pass_logs_and_sort_keys_is_refused(name: str) -> None:
    with pytest.raises(WrongUsage):
        limits.named(name)
    assert limits.named("resume-app.v2_X") == "resume-app.v2_X"
