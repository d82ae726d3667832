"""EC2's sale of reservations in memory. What was sold may show late; a call may end in any way that EC2's can."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from scripts.aws.terms import YEAR_SECONDS, Bought, Offer, OfferingClass, Payment, Terms
from tests.scripts.fake_clock import FakeClock

# The articles' price for no money at once; the others are made up.
HOURLY_USD = {
    Payment.NO_UPFRONT: (0.0, 0.634),
    Payment.PARTIAL_UPFRONT: (2646.0, 0.302),
    Payment.ALL_UPFRONT: (5190.0, 0.0),
}


class FakeMarket:
    """`before_sale` and `after_sale` may raise, or let somebody in."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.account: list[tuple[float, Bought]] = []
        self.lag_seconds = 0.0
        self.before_sale: Callable[[], None] = _nothing
        self.after_sale: Callable[[], None] = _nothing
        self.before_look: Callable[[], None] = _nothing

    @property
    def sold(self) -> int:
        return sum(one.count for _, one in self.account)

    def offers(
        self, instance_type: str, duration_seconds: int, offering_class: OfferingClass, zone: str | None
    ) -> tuple[Offer, ...]:
        return tuple(
            Offer(
                f"o-{payment}", Terms(instance_type, duration_seconds, payment, offering_class, zone), upfront, hourly
            )
            for payment, (upfront, hourly) in HOURLY_USD.items()
        )

    def bought(self, instance_type: str) -> tuple[Bought, ...]:
        self.before_look()
        now = self._clock.seconds
        return tuple(one for at, one in self.account if now - at >= self.lag_seconds)

    def purchase(self, offer_id: str, count: int) -> str:
        self.before_sale()
        payment = Payment(offer_id.removeprefix("o-"))
        identifier = self.add(count, payment).id
        self.after_sale()
        return identifier

    def add(self, count: int, payment: Payment = Payment.NO_UPFRONT, state: str = "active") -> Bought:
        """Somebody, perhaps in the console, bought."""
        now: datetime = self._clock.now()
        terms = Terms("g5.xlarge", YEAR_SECONDS, payment, OfferingClass.STANDARD, None)
        made = Bought(f"ri-{len(self.account) + 1}", terms, count, state, now, now + timedelta(days=365))
        self.account.append((self._clock.seconds, made))
        return made

    def set_state(self, state: str) -> None:
        self.account = [(at, replace(one, state=state)) for at, one in self.account]


def _nothing() -> None:
    return None
