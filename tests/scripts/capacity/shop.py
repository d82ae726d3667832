"""One environment that buys reservations, with an operator who types what the errors tell."""

from dataclasses import dataclass, field
from io import StringIO

from scripts.aws.terms import OfferingClass, Payment
from scripts.capacity import buying, planning
from scripts.capacity.buying import Desk
from scripts.capacity.planning import Need, Plan, Wish
from scripts.capacity.volume import Volume, given
from scripts.console import Console
from scripts.errors import Refused
from scripts.release.ports import Table
from stacks.manifest import Manifest
from tests.scripts.capacity.fake_market import FakeMarket
from tests.scripts.examples import manifest
from tests.scripts.fake_clock import FakeClock
from tests.scripts.fake_table import FakeTable

WANTED = 2
LATER_SECONDS = 25 * 60


@dataclass
class Shop:
    """The fakes of one environment, bound together."""

    manifest: Manifest = field(default_factory=manifest)
    clock: FakeClock = field(default_factory=FakeClock)
    table: FakeTable = field(default_factory=FakeTable)
    output: StringIO = field(default_factory=StringIO)

    def __post_init__(self) -> None:
        self.market = FakeMarket(self.clock)

    @property
    def desk(self) -> Desk:
        return self.desk_of("ana")

    def desk_of(self, who: str, table: Table | None = None) -> Desk:
        voice = Console(self.output, self.output, self.clock.monotonic, interactive=False)
        return Desk("staging", self.market, table or self.table, self.clock, voice, who, f"{who}s-laptop:1", 5.0)

    def plan(
        self,
        count: int | None = WANTED,
        payment: Payment | None = Payment.NO_UPFRONT,
        zone: str | None = None,
        volume: Volume | None = None,
        on_top: bool = False,
    ) -> Plan:
        wish = Wish(count, 1, payment, OfferingClass.STANDARD, zone, on_top)
        return planning.plan(self.desk, self.manifest, wish, Need(WANTED, "a test"), volume or given(0))

    def buy(self, desk: Desk | None = None) -> str:
        return buying.buy(desk or self.desk, self.plan().order)

    def try_again(self) -> None:
        """The operator's next run, and what it tells to do, until nothing is open and the hosts are reserved."""
        for _ in range(4):
            left = self.desk.purchases.read().open
            if left is None and self.market.sold:
                return
            if left is None:
                self.buy()
                continue
            try:
                buying.resolve(self.desk, left)
            except Refused:
                self.clock.advance(LATER_SECONDS)
                buying.forget(self.desk, left, consented=True)
