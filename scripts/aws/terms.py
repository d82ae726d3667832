"""What a Reserved Instance is bought by, in the kit's words. Plain values: nothing here calls AWS."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# EC2 sells terms of one and three years, counted in seconds (DescribeReservedInstancesOfferings).
YEAR_SECONDS = 31_536_000
_DAY_SECONDS = 86_400
_HOUR_SECONDS = 3_600


class Payment(StrEnum):
    """How much is paid at once. `aws_name` is EC2's own word."""

    NO_UPFRONT = "no-upfront"
    PARTIAL_UPFRONT = "partial-upfront"
    ALL_UPFRONT = "all-upfront"

    @property
    def aws_name(self) -> str:
        return self.replace("-", " ").title()


class OfferingClass(StrEnum):
    """Whether it may be exchanged for another before its end."""

    STANDARD = "standard"
    CONVERTIBLE = "convertible"


@dataclass(frozen=True)
class Terms:
    """All that two offers can differ by, but the price. `zone` is None for a regional one."""

    instance_type: str
    duration_seconds: int
    payment: str
    offering_class: str
    zone: str | None

    @property
    def days(self) -> float:
        return self.duration_seconds / _DAY_SECONDS

    @property
    def hours(self) -> float:
        return self.duration_seconds / _HOUR_SECONDS

    def __str__(self) -> str:
        years = self.duration_seconds / YEAR_SECONDS
        scope = f"in {self.zone}" if self.zone else "regional"
        length = f"{years:g} year{'' if years == 1 else 's'}"
        return f"{self.instance_type}, {length}, {self.payment}, {self.offering_class}, {scope}"


@dataclass(frozen=True)
class Offer:
    """What EC2 sells: `upfront_usd` at once and `hourly_usd` for every hour of the term, run or not. For one host."""

    id: str
    terms: Terms
    upfront_usd: float
    hourly_usd: float


@dataclass(frozen=True)
class Bought:
    """Reserved Instances of this account: `count` hosts under one id."""

    id: str
    terms: Terms
    count: int
    state: str
    start: datetime
    end: datetime

    @property
    def is_paid(self) -> bool:
        """Paid for now, about to be, or at a date that is fixed: nobody should buy it again."""
        return self.state in ("active", "payment-pending", "queued")
