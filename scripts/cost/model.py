"""Prices, and lines of a bill: how much of what. Pure; money is US dollars."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# AWS's own price calculator counts 730 hours a month; the articles that this kit follows count 720.
HOURS_A_MONTH = 730
ARTICLE_HOURS_A_MONTH = 720
# Prices of things that run are by the hour: their units end so.
_BY_THE_HOUR = "-hour"


class Kind(StrEnum):
    """Where a price was read. What the environment's own settings say is in no table."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    ARTICLE = "article"
    SETTINGS = "settings"


IN_TABLES = (Kind.PRIMARY, Kind.SECONDARY, Kind.ARTICLE)


@dataclass(frozen=True)
class Price:
    """One entry of a price table. Without `usd` it could not be sourced, and `unpriced` says why."""

    key: str
    unit: str
    usd: float | None = None
    unpriced: str = ""
    region: str = ""
    source: str = ""
    check: str = ""
    as_of: date | None = None
    kind: Kind | None = None
    note: str = ""

    @property
    def is_hourly(self) -> bool:
        return self.unit.endswith(_BY_THE_HOUR)


Prices = Mapping[str, Price]


@dataclass(frozen=True)
class Line:
    """Something that is there all the time: so many units while one colour runs, and while both do."""

    what: str
    price_key: str
    idle: float
    releasing: float

    @staticmethod
    def always(what: str, price_key: str, count: float) -> "Line":
        """The same number whether a release runs or not."""
        return Line(what, price_key, count, count)


@dataclass(frozen=True)
class Used:
    """Something that is paid for by use: so many units a month, and from what that follows."""

    what: str
    price_key: str
    monthly: float
    because: str


@dataclass(frozen=True)
class PricedLine:
    """A line with its price. The amounts are None where there is none."""

    line: Line
    price: Price

    def hourly_usd(self, count: float) -> float | None:
        monthly = self.monthly_usd(count)
        return None if monthly is None else monthly / HOURS_A_MONTH

    def monthly_usd(self, count: float, hours: int = HOURS_A_MONTH) -> float | None:
        if self.price.usd is None:
            return None
        return count * self.price.usd * (hours if self.price.is_hourly else 1)


@dataclass(frozen=True)
class PricedUse:
    """A use with its price."""

    use: Used
    price: Price

    @property
    def monthly_usd(self) -> float | None:
        return None if self.price.usd is None else self.use.monthly * self.price.usd


@dataclass(frozen=True)
class Reservable:
    """A line of hosts that could be reserved for a year, with the price of that."""

    hosts: PricedLine
    reserved: Price

    @property
    def saved_monthly_usd(self) -> float | None:
        """Against on demand, for the hosts that run at rest."""
        if self.hosts.price.usd is None or self.reserved.usd is None:
            return None
        return self.hosts.line.idle * (self.hosts.price.usd - self.reserved.usd) * HOURS_A_MONTH


@dataclass(frozen=True)
class Bill:
    """What one environment costs. Sums leave out what has no price; `unpriced` says what that is.

    `request_usd` is what OpenAI would take for one request; None where that has no price.
    """

    environment: str
    region: str
    lines: tuple[PricedLine, ...]
    uses: tuple[PricedUse, ...]
    free: Mapping[str, int]
    reservable: tuple[Reservable, ...] = ()
    request_usd: float | None = None

    def idle_monthly_usd(self, hours: int = HOURS_A_MONTH) -> float:
        return sum(one.monthly_usd(one.line.idle, hours) or 0 for one in self.lines)

    @property
    def releasing_monthly_usd(self) -> float:
        return sum(one.monthly_usd(one.line.releasing) or 0 for one in self.lines)

    @property
    def release_hour_usd(self) -> float:
        """What an hour with both colours costs beyond an hour with one."""
        return (self.releasing_monthly_usd - self.idle_monthly_usd()) / HOURS_A_MONTH

    @property
    def used_monthly_usd(self) -> float:
        return sum(one.monthly_usd or 0 for one in self.uses)

    @property
    def unpriced(self) -> dict[str, str]:
        """What the sums leave out: item to reason."""
        lines = {one.line.what: one.price.unpriced for one in self.lines if one.price.usd is None}
        uses = {one.use.what: one.price.unpriced for one in self.uses if one.price.usd is None}
        return {**lines, **uses}

    @property
    def prices(self) -> list[Price]:
        """The prices that the bill is made of, each once."""
        found = [*(one.price for one in self.lines), *(one.price for one in self.uses)]
        return sorted({price.key: price for price in found}.values(), key=lambda price: price.key)
