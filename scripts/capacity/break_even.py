"""Whether a reservation pays: one offer beside the on-demand price. Pure; money is US dollars for one host."""

import math
from dataclasses import dataclass

from scripts.aws.terms import Offer

_HOURS_A_DAY = 24


@dataclass(frozen=True)
class Comparison:
    """An offer beside the same hours on demand."""

    offer: Offer
    on_demand_hourly_usd: float

    @property
    def total_usd(self) -> float:
        """All that will be paid for the term, whether the host runs or not."""
        return self.offer.upfront_usd + self.offer.hourly_usd * self.offer.terms.hours

    @property
    def hourly_usd(self) -> float:
        """What an hour of the term costs in effect."""
        return self.total_usd / self.offer.terms.hours

    @property
    def saving_usd(self) -> float:
        """Against a host that runs on demand all the term; negative where reserving costs more."""
        return self.on_demand_hourly_usd * self.offer.terms.hours - self.total_usd

    @property
    def saving_share(self) -> float:
        return self.saving_usd / (self.on_demand_hourly_usd * self.offer.terms.hours)

    @property
    def break_even_share(self) -> float:
        """The share of the term's hours that a host must run for the reservation to pay."""
        return self.hourly_usd / self.on_demand_hourly_usd

    @property
    def break_even_day(self) -> int | None:
        """The day of the term from which less money has gone out than on demand, if the host always runs.

        None where that never comes.
        """
        gained_hourly_usd = self.on_demand_hourly_usd - self.offer.hourly_usd
        if self.saving_usd <= 0 or gained_hourly_usd <= 0:
            return None
        return max(1, math.ceil(self.offer.upfront_usd / gained_hourly_usd / _HOURS_A_DAY))
