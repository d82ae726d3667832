"""When an upstream is not even asked, by what is known beside the requests."""

from collections.abc import Callable

from gateway.keys.key import NANO
from gateway.metering.meter import Meter
from gateway.outcome import TierName
from gateway.queue_depth import QueueDepth


def spent(meter: Meter, tier: TierName, monthly_cap_usd: float | None) -> Callable[[], bool]:
    """Whether the tier has cost its month's cap, as far as this task knows (gateway.metering says how late that is)."""
    if monthly_cap_usd is None:
        return never
    cap_nano_usd = round(monthly_cap_usd * NANO)
    return lambda: meter.tier_month_nano_usd(tier) >= cap_nano_usd


def overflowing(depth: QueueDepth, limit: int) -> Callable[[], bool]:
    """Whether vLLM has `limit` requests or more waiting. A depth that is not known is no reason."""
    return lambda: (depth.waiting or 0) >= limit


def never() -> bool:
    return False
