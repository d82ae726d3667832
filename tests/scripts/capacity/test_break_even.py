"""The arithmetic of the articles: 0.634 against 1.006 $/h."""

import pytest

from scripts.aws.terms import YEAR_SECONDS, Offer, OfferingClass, Payment, Terms
from scripts.capacity.break_even import Comparison

ON_DEMAND = 1.006


def comparison(upfront: float, hourly: float, years: int = 1) -> Comparison:
    terms = Terms("g5.xlarge", years * YEAR_SECONDS, Payment.NO_UPFRONT, OfferingClass.STANDARD, None)
    return Comparison(Offer("o-1", terms, upfront, hourly), ON_DEMAND)


def test_the_published_prices_save_37_percent_and_pay_above_63_percent_of_the_hours() -> None:
    found = comparison(0, 0.634)
    assert f"{found.saving_share:.0%}" == "37%"
    assert f"{found.break_even_share:.0%}" == "63%"
    assert found.total_usd == pytest.approx(0.634 * 8760)


def test_the_published_saving_of_a_month_of_720_hours() -> None:
    found = comparison(0, 0.634)
    assert (found.on_demand_hourly_usd - found.hourly_usd) * 720 == pytest.approx(267.84)


def test_without_upfront_money_every_day_is_a_gain() -> None:
    assert comparison(0, 0.634).break_even_day == 1


def test_money_paid_at_once_comes_back_on_the_day_when_on_demand_would_have_cost_as_much() -> None:
    found = comparison(0.5 * 8760, 0)
    assert found.hourly_usd == pytest.approx(0.5)
    assert found.break_even_day == 182  # 4380 / 1.006 / 24 = 181.4
    assert comparison(0.3 * 8760, 0.3).break_even_day == 156  # 2628 / 0.706 / 24 = 155.1


def test_a_reservation_dearer_than_on_demand_never_breaks_even() -> None:
    found = comparison(9000, 0)
    assert found.saving_usd < 0
    assert found.break_even_share > 1
    assert found.break_even_day is None
    assert comparison(0, ON_DEMAND).break_even_day is None


def test_three_years_are_three_times_the_hours() -> None:
    assert comparison(0, 0.4, years=3).total_usd == pytest.approx(0.4 * 3 * 8760)
