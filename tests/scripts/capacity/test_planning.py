"""What is offered, how many, and what speaks against it."""

from dataclasses import replace
from datetime import date

import pytest

from scripts.aws.terms import Payment
from scripts.capacity import plan_report
from scripts.capacity.planning import Plan, need
from scripts.capacity.volume import given, measured
from scripts.errors import Refused
from tests.scripts.capacity.shop import Shop
from tests.scripts.examples import manifest


def test_by_default_the_hosts_that_are_held_at_all_times_are_reserved() -> None:
    kit = manifest()
    held = replace(kit, capacity=replace(kit.capacity, reserved_hosts=3))
    assert (need(held, 1).hosts, need(held, 1).source) == (3, "the setting reservedHosts")


def test_without_a_permanent_reservation_it_is_vllms_minimum() -> None:
    assert need(manifest(), 1).hosts == 2


def test_tasks_that_share_a_host_need_one_host() -> None:
    kit = manifest()
    large = replace(kit, capacity=replace(kit.capacity, gpus_per_host=4))
    assert (need(large, 1).hosts, need(large, 4).hosts) == (1, 2)


def test_what_is_reserved_already_is_not_proposed_again() -> None:
    shop = Shop()
    shop.market.add(1)
    assert shop.plan(count=None).count == 1
    shop.market.add(1, Payment.ALL_UPFRONT, state="queued")
    assert shop.plan(count=None).count == 0


def test_a_failed_payment_reserves_nothing() -> None:
    shop = Shop()
    shop.market.add(2, state="payment-failed")
    assert shop.plan(count=None).count == 2


def test_who_asks_for_a_number_gets_it_with_a_warning() -> None:
    shop = Shop()
    shop.market.add(2)
    assert said(shop.plan(count=2), "2 more would come on top")


def test_buying_needs_one_way_to_pay() -> None:
    with pytest.raises(Refused, match="which --payment"):
        _ = Shop().plan(payment=None).order


def test_the_line_to_buy_says_everything_that_was_decided() -> None:
    plan = Shop().plan(zone="us-east-1a")
    assert plan.command(plan.comparisons[0]) == (
        "fab capacity.reserve --env staging --count 2 --years 1 --payment no-upfront "
        "--offering-class standard --zone us-east-1a --buy"
    )


def test_a_zone_without_hosts_is_refused() -> None:
    with pytest.raises(Refused, match="us-east-1a, us-east-1b"):
        Shop().plan(zone="us-east-1f")


def test_nothing_on_offer_says_what_to_change() -> None:
    shop = Shop()
    shop.market.offers = lambda *_: ()  # type: ignore[method-assign]
    with pytest.raises(Refused, match="--offering-class"):
        shop.plan()


def test_g5_is_not_size_flexible_and_a_regional_one_holds_no_host() -> None:
    plan = Shop().plan()
    assert said(plan, "not size-flexible")
    assert said(plan, "reserves no capacity")
    assert not said(Shop().plan(zone="us-east-1a"), "reserves no capacity")


def test_volume_that_varies_by_more_than_half_is_a_warning_and_unknown_is_said() -> None:
    assert said(Shop().plan(volume=given(80)), "stay on demand")
    assert not said(Shop().plan(volume=given(20)), "volume")
    assert said(Shop().plan(volume=measured({}, date(2026, 11, 25))), "not known")


def test_more_than_the_environment_may_run_is_a_warning() -> None:
    assert said(Shop().plan(count=5), "more than the 4")


def test_the_question_names_account_money_and_term() -> None:
    plan = Shop().plan(payment=Payment.PARTIAL_UPFRONT)
    asked = plan_report.question(plan, plan.comparisons[0])
    assert "2 x g5.xlarge, 1 year, partial-upfront, standard, regional, in account 123456789012" in asked
    assert "$5,292.00 at once and $0.604/h for 365 days, $10,583.04 in all. It cannot be cancelled" in asked


def test_the_report_shows_every_way_to_pay_with_its_break_even() -> None:
    found = plan_report.text(Shop().plan(payment=None))
    row = next(line for line in found.splitlines() if line.startswith("no-upfront"))
    assert " ".join(row.split()) == (
        "no-upfront $0.00 $1.268 $11,107.68 $0.634/h each $6,517.44 (37 %) day 1 63 % of the hours"
    )
    assert "all-upfront" in found


def said(plan: Plan, text: str) -> bool:
    return any(text in warning for warning in plan.warnings)
