"""What could be bought for an environment, how many, and what speaks against it. Pure, but for the two reads of EC2."""

from dataclasses import dataclass

from scripts.aws.terms import YEAR_SECONDS, Bought, OfferingClass, Payment
from scripts.capacity.break_even import Comparison
from scripts.capacity.buying import Desk, Order
from scripts.capacity.purchases import Closed, Seen
from scripts.capacity.volume import Volume
from scripts.errors import Refused
from scripts.release.gpus import hosts_for
from scripts.task_names import TaskName, command_line
from stacks.manifest import Manifest
from stacks.naming import Colour, Part


@dataclass(frozen=True)
class Wish:
    """What was asked for. None leaves it to the kit, or shows all. `on_top` of what is reserved must be meant."""

    count: int | None
    years: int
    payment: Payment | None
    offering_class: OfferingClass
    zone: str | None
    on_top: bool = False


@dataclass(frozen=True)
class Need:
    """Hosts that always run, and where the number comes from."""

    hosts: int
    source: str


@dataclass(frozen=True)
class Plan:
    """Offers beside each other, for `count` hosts. `bought` are the account's reservations of the type; `missing` was
    bought lately, and EC2 does not show it yet.
    """

    manifest: Manifest
    wish: Wish
    need: Need
    count: int
    comparisons: tuple[Comparison, ...]
    bought: tuple[Bought, ...]
    volume: Volume
    seen: Seen
    missing: Closed | None

    @property
    def paid_hosts(self) -> int:
        return _paid_hosts(self.bought)

    @property
    def order(self) -> Order:
        """The one offer that is left. Raises Refused where there are several, and where it looks like a second time."""
        if self.missing is not None:
            ids = " ".join(self.missing.reserved_ids)
            raise Refused(f"{ids} was bought at {self.missing.closed}, and EC2 does not show it yet: look again later")
        if self._again() and not self.wish.on_top:
            raise Refused(f"{self._again()}: if that is meant, give --on-top")
        if len(self.comparisons) > 1:
            ways = ", ".join(found.offer.terms.payment for found in self.comparisons)
            raise Refused(f"--buy: which --payment? There are {ways}")
        return Order(self.comparisons[0], self.count, self.seen, self.bought)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(
            text for text in (self._size(), self._scope(), self._volume(), self._again(), self._many()) if text
        )

    def command(self, found: Comparison) -> str:
        """The line that buys this offer."""
        terms = found.offer.terms
        zone = ("--zone", terms.zone) if terms.zone else ()
        return command_line(
            TaskName.CAPACITY_RESERVE,
            self.manifest.environment,
            *("--count", str(self.count), "--years", str(self.wish.years), "--payment", terms.payment),
            *("--offering-class", terms.offering_class, *zone, "--buy"),
        )

    def _size(self) -> str:
        """The kit runs on g5 only, and EC2 lists G5 among the families without size flexibility."""
        kind = self.manifest.capacity.instance_type
        return f"a {kind} reservation discounts only {kind}: g5 reservations are not size-flexible"

    def _scope(self) -> str:
        if self.wish.zone:
            return f"a zonal reservation holds and discounts hosts in {self.wish.zone} only"
        return (
            "a regional reservation is a discount and reserves no capacity: "
            "that is what Capacity Reservations are for (the setting reservedHosts)"
        )

    def _volume(self) -> str:
        if self.volume.percent is None:
            return f"volume: {self.volume}"
        if not self.volume.varies_much:
            return ""
        return (
            f"volume: {self.volume}. Above half, hosts on demand are cheaper than hosts that stand idle: "
            "stay on demand, or reserve for the average of a year"
        )

    def _again(self) -> str:
        if not self.paid_hosts or not self.count or self.wish.count is None:
            return ""
        return f"{self.paid_hosts} hosts of this type are reserved already, {self.count} more would come on top"

    def _many(self) -> str:
        together, limit = self.count + self.paid_hosts, self.manifest.capacity.maximum_hosts
        if together <= limit:
            return ""
        return f"{together} reserved hosts would be more than the {limit} that {self.manifest.environment} may run"


def plan(desk: Desk, manifest: Manifest, wish: Wish, need: Need, volume: Volume) -> Plan:
    """Ask EC2 what there is. Raises Refused where it offers nothing of the kind."""
    capacity, seen = manifest.capacity, desk.purchases.read()
    if wish.zone is not None and wish.zone not in capacity.zones:
        raise Refused(f"--zone {wish.zone}: hosts run in {', '.join(capacity.zones)}")
    bought = desk.market.bought(capacity.instance_type)
    offers = desk.market.offers(capacity.instance_type, wish.years * YEAR_SECONDS, wish.offering_class, wish.zone)
    found = [Comparison(offer, capacity.hourly_usd) for offer in offers]
    compared = _cheapest_of_each([one for one in found if wish.payment in (None, one.offer.terms.payment)])
    if not compared:
        raise Refused(
            f"EC2 offers no {wish.offering_class} reservation of {capacity.instance_type} for {wish.years} years in "
            f"{wish.zone or manifest.region}{f', {wish.payment}' if wish.payment else ''}: "
            "try another --years, --offering-class or --payment"
        )
    count = wish.count if wish.count is not None else max(0, need.hosts - _paid_hosts(bought))
    missing = next((past for past in desk.purchases.history(1) if past.is_missing(bought, desk.clock.now())), None)
    return Plan(manifest, wish, need, count, compared, bought, volume, seen, missing)


def need(manifest: Manifest, gpus_per_task: int) -> Need:
    """The hosts that the permanent reservation holds; without one, those of vLLM's minimum on one colour."""
    capacity = manifest.capacity
    if capacity.reserved_hosts:
        return Need(capacity.reserved_hosts, "the setting reservedHosts")
    tasks = manifest.slot(Part.VLLM, Colour.BLUE).minimum_count
    return Need(hosts_for(tasks, gpus_per_task, capacity.gpus_per_host), "vLLM's minimum on one colour")


def _paid_hosts(bought: tuple[Bought, ...]) -> int:
    return sum(one.count for one in bought if one.is_paid)


def _cheapest_of_each(found: list[Comparison]) -> tuple[Comparison, ...]:
    """One offer for each way to pay, the least money at once first."""
    best: dict[str, Comparison] = {}
    for one in sorted(found, key=lambda one: one.total_usd, reverse=True):
        best[one.offer.terms.payment] = one
    return tuple(sorted(best.values(), key=lambda one: one.offer.upfront_usd))
