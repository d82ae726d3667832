"""Reservations are bought once, whatever happens in between."""

from collections.abc import Mapping
from typing import Any

import pytest

from scripts.aws.table import Item
from scripts.aws.terms import Payment
from scripts.capacity import buying
from scripts.capacity.purchases import Outcome
from scripts.errors import AwsFailed, HalfWay, Refused, Transient
from tests.scripts.capacity.shop import LATER_SECONDS, WANTED, Shop
from tests.scripts.fake_table import FakeTable


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


class KillingTable(FakeTable):
    """Dies at its n-th operation, before or after it was made."""

    def __init__(self, of: FakeTable, at: int, after: bool) -> None:
        super().__init__()
        self.items = of.items
        self.made, self._at, self._after = 0, at, after

    def get(self, pk: str, sk: str) -> Item | None:
        return self._perhaps(lambda: super(KillingTable, self).get(pk, sk))

    def put(self, item: Mapping[str, str | int]) -> None:
        self._perhaps(lambda: super(KillingTable, self).put(item))

    def update(self, *args: Any, **kwargs: Any) -> Item:
        return self._perhaps(lambda: super(KillingTable, self).update(*args, **kwargs))

    def _perhaps(self, operation: Any) -> Any:
        self.made += 1
        if self.made == self._at and not self._after:
            raise Killed
        answer = operation()
        if self.made == self._at:
            raise Killed
        return answer


@pytest.mark.parametrize("lag_seconds", [0, 60])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 5))
def test_a_crash_at_any_ledger_operation_buys_once(at: int, after: bool, lag_seconds: float) -> None:
    shop = Shop()
    shop.market.lag_seconds = lag_seconds
    with pytest.raises(Killed):
        buying.buy(shop.desk_of("ana", KillingTable(shop.table, at, after)), shop.plan().order)
    shop.try_again()
    assert shop.market.sold == WANTED
    assert shop.desk.purchases.read().open is None


def test_there_are_four_ledger_operations_in_a_purchase() -> None:
    shop = Shop()
    table = KillingTable(shop.table, 0, after=False)
    buying.buy(shop.desk_of("ana", table), shop.plan().order)
    assert table.made == 4


@pytest.mark.parametrize("hook", ["before_sale", "after_sale"])
@pytest.mark.parametrize("error", [Killed(), Transient("ec2: read timed out"), KeyboardInterrupt(), ValueError("?")])
def test_a_stop_on_either_side_of_the_sale_buys_once(hook: str, error: BaseException) -> None:
    shop = Shop()

    def stop() -> None:
        setattr(shop.market, hook, lambda: None)
        raise error

    setattr(shop.market, hook, stop)
    with pytest.raises((Killed, HalfWay)):
        shop.buy()
    shop.try_again()
    assert shop.market.sold == WANTED
    assert shop.desk.purchases.read().open is None


def test_a_timeout_says_that_it_is_not_known_and_what_to_type() -> None:
    shop = Shop()
    shop.market.after_sale = raising(Transient("ec2 PurchaseReservedInstancesOffering: read timed out"))
    with pytest.raises(HalfWay, match="not known") as stopped:
        shop.buy()
    assert stopped.value.next_command == "fab capacity.reserve --env staging"


def test_the_next_run_records_what_was_bought_and_buys_nothing() -> None:
    shop = Shop()
    shop.market.after_sale = raising(Transient("timeout"))
    with pytest.raises(HalfWay):
        shop.buy()
    left = shop.desk.purchases.read().open
    assert left is not None
    assert [one.id for one in buying.resolve(shop.desk, left)] == ["ri-1"]
    (past,) = shop.desk.purchases.history(5)
    assert (past.outcome, past.reserved_ids) == (Outcome.FOUND, ("ri-1",))
    assert shop.market.sold == WANTED


def test_a_young_purchase_that_aws_does_not_show_is_left_alone() -> None:
    shop = Shop()
    shop.market.before_sale = raising(Transient("timeout"))
    with pytest.raises(HalfWay):
        shop.buy()
    left = shop.desk.purchases.read().open
    assert left is not None
    with pytest.raises(Refused, match=r"may still run.*UTC"):
        buying.resolve(shop.desk, left)
    with pytest.raises(Refused, match="may still run"):
        buying.forget(shop.desk, left, consented=True)


def test_an_old_purchase_that_aws_does_not_show_is_forgotten_only_after_a_yes() -> None:
    shop = Shop()
    shop.market.before_sale = raising(Transient("timeout"))
    with pytest.raises(HalfWay):
        shop.buy()
    shop.clock.advance(LATER_SECONDS)
    left = shop.desk.purchases.read().open
    assert left is not None
    with pytest.raises(Refused) as old:
        buying.resolve(shop.desk, left)
    assert old.value.next_command == "fab capacity.reserve --env staging --forget-open"
    with pytest.raises(Refused, match="give --yes"):
        buying.forget(shop.desk, left, consented=False)
    assert shop.desk.purchases.read().open == left
    buying.forget(shop.desk, left, consented=True)
    assert shop.desk.purchases.history(1)[0].outcome is Outcome.FORGOTTEN


def test_forgetting_records_what_aws_shows_after_all() -> None:
    shop = Shop()
    shop.market.after_sale = raising(Transient("timeout"))
    with pytest.raises(HalfWay):
        shop.buy()
    shop.clock.advance(LATER_SECONDS)
    left = shop.desk.purchases.read().open
    assert left is not None
    assert buying.forget(shop.desk, left, consented=True) != ()
    assert shop.desk.purchases.history(1)[0].outcome is Outcome.FOUND


def test_a_failed_payment_is_neither_recorded_as_bought_nor_bought_again() -> None:
    shop = Shop()
    shop.market.after_sale = raising(Transient("timeout"))
    with pytest.raises(HalfWay):
        shop.buy()
    shop.market.set_state("payment-failed")
    left = shop.desk.purchases.read().open
    assert left is not None
    with pytest.raises(Refused, match="payment of ri-1 failed"):
        buying.resolve(shop.desk, left)


def test_forgetting_names_what_else_is_new_in_the_account() -> None:
    shop = Shop()
    shop.market.before_sale = raising(Transient("timeout"))
    with pytest.raises(HalfWay):
        shop.buy()
    shop.market.add(1, Payment.ALL_UPFRONT)
    shop.clock.advance(LATER_SECONDS)
    left = shop.desk.purchases.read().open
    assert left is not None
    with pytest.raises(Refused, match=r"New since then: ri-1, 1 x g5.xlarge, 1 year, all-upfront"):
        buying.forget(shop.desk, left, consented=False)


def test_a_clear_no_of_ec2_leaves_nothing_open() -> None:
    shop = Shop()
    shop.market.before_sale = raising(AwsFailed("ec2: too many", "ReservedInstancesLimitExceeded"))
    with pytest.raises(Refused, match="nothing bought"):
        shop.buy()
    assert shop.desk.purchases.read().open is None
    assert shop.desk.purchases.history(1)[0].outcome is Outcome.REFUSED


def test_an_answer_that_cannot_be_read_is_no_clear_no() -> None:
    shop = Shop()
    shop.market.after_sale = raising(AwsFailed("ec2: unable to parse the response"))
    with pytest.raises(HalfWay):
        shop.buy()
    assert shop.desk.purchases.read().open is not None


def test_of_two_who_decided_on_the_same_plan_one_buys() -> None:
    shop = Shop()
    anas, bobs = shop.plan().order, shop.plan().order
    buying.buy(shop.desk_of("bob"), bobs)
    with pytest.raises(Refused, match="bought since"):
        buying.buy(shop.desk_of("ana"), anas)
    assert shop.market.sold == WANTED


def test_nobody_begins_while_a_purchase_is_open() -> None:
    shop = Shop()
    order = shop.plan().order
    shop.market.before_sale = raising(Transient("timeout"))
    with pytest.raises(HalfWay):
        buying.buy(shop.desk_of("bob"), order)
    shop.market.before_sale = lambda: None
    with pytest.raises(Refused, match="somebody else is buying"):
        buying.buy(shop.desk_of("ana"), order)
    assert shop.market.sold == 0


def test_a_purchase_in_the_console_between_plan_and_consent_stops_ours() -> None:
    shop = Shop()
    order = shop.plan().order
    shop.market.add(WANTED)
    with pytest.raises(Refused, match="ri-1 appeared"):
        buying.buy(shop.desk, order)
    assert shop.market.sold == WANTED
    assert shop.desk.purchases.read().open is None


def test_an_account_that_cannot_be_read_is_not_bought_for() -> None:
    shop = Shop()
    order = shop.plan().order
    shop.market.before_look = raising(Transient("ec2: throttled"))
    with pytest.raises(Refused, match="nothing bought"):
        buying.buy(shop.desk, order)
    assert (shop.market.sold, shop.desk.purchases.read().open) == (0, None)


def test_who_wakes_up_after_the_purchase_was_forgotten_does_not_buy() -> None:
    shop = Shop()
    order = shop.plan().order

    def sleep_long(values: Mapping[str, str | int | None]) -> None:
        if "held" not in values:
            return
        shop.table.after_update.clear()
        shop.clock.advance(LATER_SECONDS)
        left = shop.desk.purchases.read().open
        assert left is not None
        buying.forget(shop.desk_of("bob"), left, consented=True)
        shop.buy(shop.desk_of("bob"))

    shop.table.after_update.append(sleep_long)
    with pytest.raises(Refused, match="closed by somebody else"):
        buying.buy(shop.desk_of("ana"), order)
    assert shop.market.sold == WANTED


def test_the_same_line_typed_again_buys_nothing() -> None:
    shop = Shop()
    shop.buy()
    shop.clock.advance(1)
    with pytest.raises(Refused, match="2 more would come on top: if that is meant, give --on-top"):
        shop.buy()
    assert shop.market.sold == WANTED


def test_the_same_line_typed_again_buys_nothing_even_while_ec2_does_not_show_the_first() -> None:
    shop = Shop()
    shop.market.lag_seconds = 60
    shop.buy()
    with pytest.raises(Refused, match="does not show it yet"):
        shop.buy()
    shop.clock.advance(61)
    with pytest.raises(Refused, match="--on-top"):
        shop.buy()
    assert shop.market.sold == WANTED


def test_more_on_top_can_be_meant() -> None:
    shop = Shop()
    shop.buy()
    shop.clock.advance(1)
    buying.buy(shop.desk, shop.plan(on_top=True).order)
    assert [past.reserved_ids for past in shop.desk.purchases.history(5)] == [("ri-2",), ("ri-1",)]


def raising(error: BaseException) -> Any:
    def stop() -> None:
        raise error

    return stop
