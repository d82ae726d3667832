"""How one network range is cut into subnets. Pure."""

from dataclasses import dataclass
from ipaddress import ip_network


@dataclass(frozen=True)
class ZonePlan:
    """The subnets of one zone."""

    zone: str
    public_cidr: str
    private_cidr: str


def plan(cidr: str, zones: tuple[str, ...]) -> tuple[ZonePlan, ...]:
    """Private subnets from the first half, public ones from the second; room for four zones, so that adding one
    moves no address."""
    private_half, public_half = ip_network(cidr).subnets(prefixlen_diff=1)
    private, public = list(private_half.subnets(prefixlen_diff=2)), list(public_half.subnets(prefixlen_diff=2))
    return tuple(ZonePlan(zone, str(public[i]), str(private[i])) for i, zone in enumerate(zones))
