"""Buying Reserved Instances once. Every way to stop in between leaves an open purchase, which the next run resolves.

intent (conditional, one an environment) → look again → prove the intent → the one call → record → close. What remains
is a call in flight when this process dies: nobody buys again before it must have ended, and AWS has been asked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from scripts.aws.terms import Bought, Offer, OfferingClass
from scripts.capacity.break_even import Comparison
from scripts.capacity.purchases import Outcome, Purchase, Purchases, Seen, made, purchase_id, since, stamp
from scripts.errors import AwsFailed, ConditionFailed, HalfWay, Refused, TaskError, Transient
from scripts.release.ports import Clock, Table, Voice
from scripts.task_names import TaskName, command_line

# AWS takes a signed request for 5 minutes (some of its pages say 15), and DescribeReservedInstances may lag, AWS does
# not say by how much: what it does not show after this long was not bought.
_CERTAIN_MINUTES = 20
FORGET_FLAG = "--forget-open"


class Market(Protocol):
    """Where reservations are bought; see scripts.aws.reserved."""

    def offers(
        self, instance_type: str, duration_seconds: int, offering_class: OfferingClass, zone: str | None
    ) -> tuple[Offer, ...]: ...
    def bought(self, instance_type: str) -> tuple[Bought, ...]: ...
    def purchase(self, offer_id: str, count: int) -> str: ...


@dataclass(frozen=True)
class Desk:
    """What a purchase needs of the world. An intent older than `intent_valid_seconds` is proved again."""

    environment: str
    market: Market
    table: Table
    clock: Clock
    voice: Voice
    who: str
    host: str
    intent_valid_seconds: float

    @property
    def purchases(self) -> Purchases:
        return Purchases(self.table)

    @property
    def look_again(self) -> str:
        return command_line(TaskName.CAPACITY_RESERVE, self.environment)


@dataclass(frozen=True)
class Order:
    """A decision: this offer, so many hosts, on what was seen when it was made."""

    chosen: Comparison
    count: int
    seen: Seen
    bought: tuple[Bought, ...]


def buy(desk: Desk, order: Order) -> str:
    """Buy, and answer the id of the reservations. Whoever calls has asked.

    Raises Refused where nothing was bought, HalfWay where that is not known or not recorded.
    """
    purchase = _intended(desk, order)
    with _left_open(desk, purchase):
        _require_unchanged(desk, purchase)
        _prove(desk, purchase)
        reserved_id = _purchased(desk, purchase)
        desk.voice.say(f"EC2 sold {reserved_id}")
        desk.purchases.close(purchase, Outcome.BOUGHT, desk.clock.now(), (reserved_id,))
    return reserved_id


def resolve(desk: Desk, purchase: Purchase) -> tuple[Bought, ...]:
    """What became of a purchase that was left open: recorded where AWS shows it. Raises Refused where it does not."""
    found = made(purchase, desk.market.bought(purchase.terms.instance_type))
    paid = tuple(one for one in found if one.is_paid)
    if paid:
        desk.purchases.close(purchase, Outcome.FOUND, desk.clock.now(), tuple(one.id for one in paid))
        return paid
    if found:
        raise Refused(f"the payment of {found[0].id} failed ({purchase}): see the billing console", _way_out(desk))
    if desk.clock.now() < _certain_at(purchase):
        raise Refused(
            f"{purchase} is open and AWS does not show it yet: it may still run. "
            f"Look again after {_certain_at(purchase):%H:%M:%S} UTC",
            desk.look_again,
        )
    raise Refused(f"{purchase} is open, and AWS shows no such reservation: it was not made", _way_out(desk))


def forget(desk: Desk, purchase: Purchase, consented: bool) -> tuple[Bought, ...]:
    """Close an open purchase that AWS does not show. Answers what it shows, if it does after all.

    Raises Refused while it may still run, and without consent.
    """
    bought = desk.market.bought(purchase.terms.instance_type)
    if any(one.is_paid for one in made(purchase, bought)):
        return resolve(desk, purchase)
    if desk.clock.now() < _certain_at(purchase):
        raise Refused(f"{purchase} may still run until {_certain_at(purchase):%H:%M:%S} UTC", desk.look_again)
    others = "".join(f" New since then: {one.id}, {one.count} x {one.terms}." for one in since(purchase, bought))
    question = f"AWS shows no reservation of {purchase}.{others} Forget it, so that another can be bought?"
    desk.voice.confirm(question, consented)
    desk.purchases.close(purchase, Outcome.FORGOTTEN, desk.clock.now())
    return ()


def _intended(desk: Desk, order: Order) -> Purchase:
    now = desk.clock.now()
    purchase = Purchase(
        id=purchase_id(now),
        offer_id=order.chosen.offer.id,
        terms=order.chosen.offer.terms,
        count=order.count,
        total_usd=order.chosen.total_usd * order.count,
        who=desk.who,
        host=desk.host,
        began=stamp(now),
        known=tuple(one.id for one in order.bought),
    )
    try:
        desk.purchases.begin(purchase, order.seen.last)
    except ConditionFailed:
        raise Refused("somebody else is buying, or bought since the plan was made", desk.look_again) from None
    return purchase


def _require_unchanged(desk: Desk, purchase: Purchase) -> None:
    """Between plan and consent somebody may have bought for another environment, or in the console."""
    try:
        changed = since(purchase, desk.market.bought(purchase.terms.instance_type))
    except AwsFailed as error:
        desk.purchases.close(purchase, Outcome.WITHDRAWN, desk.clock.now())
        raise Refused(f"nothing bought: {error}", desk.look_again) from error
    if changed:
        desk.purchases.close(purchase, Outcome.WITHDRAWN, desk.clock.now())
        ids = ", ".join(one.id for one in changed)
        raise Refused(f"nothing bought: {ids} appeared in the account since the plan was made", desk.look_again)


def _prove(desk: Desk, purchase: Purchase) -> None:
    """Go on only with a fresh proof: this process may have slept, and the purchase been forgotten meanwhile."""
    while True:
        began = desk.clock.boot()
        try:
            desk.purchases.hold(purchase)
        except ConditionFailed:
            raise Refused(f"purchase {purchase.id} was closed by somebody else: nothing bought") from None
        if desk.clock.boot() - began <= desk.intent_valid_seconds:
            return


def _purchased(desk: Desk, purchase: Purchase) -> str:
    try:
        return desk.market.purchase(purchase.offer_id, purchase.count)
    except (AwsFailed, Refused) as error:
        if not _is_clear_no(error):
            raise
        desk.purchases.close(purchase, Outcome.REFUSED, desk.clock.now())
        raise Refused(f"nothing bought: {error}") from error


def _is_clear_no(error: TaskError) -> bool:
    """EC2 said no in its own words, or was never asked for want of credentials."""
    is_answer = isinstance(error, AwsFailed) and bool(error.code) and not isinstance(error, Transient)
    return is_answer or isinstance(error, Refused)


@contextmanager
def _left_open(desk: Desk, purchase: Purchase) -> Iterator[None]:
    """Whatever stops a purchase after its intent, but a clear no, leaves it open."""
    try:
        yield
    except Refused:
        raise
    except (Exception, KeyboardInterrupt) as error:
        why = str(error) or type(error).__name__
        raise HalfWay(f"stopped at {purchase}: whether it was made is not known ({why})", desk.look_again) from error


def _certain_at(purchase: Purchase) -> datetime:
    return purchase.began_at + timedelta(minutes=_CERTAIN_MINUTES)


def _way_out(desk: Desk) -> str:
    return f"{desk.look_again} {FORGET_FLAG}"
