"""What the network access lists let into the subnets, as data. Pure.

An access list keeps no memory of connections, so answers have rules of their own. The ports on which they arrive are
from the VPC user guide, "Ephemeral ports": Linux kernels 32768 to 61000, a NAT gateway 1024 to 65535. Who may open a
connection to what is for the security groups to say: `components/firewall.py`.
"""

from dataclasses import dataclass

ANYWHERE = "0.0.0.0/0"
# ICMP "fragmentation needed", type and code: without it a large answer never reaches a client behind a narrow tunnel.
TOO_BIG = (3, 4)
# A list holds 20 rules a direction (VPC user guide, "Amazon VPC quotas"), and four of them are not for clients.
_MOST_SOURCE_RANGES = 16
_REMOTE_DESKTOP = 3389
_LAST_PORT = 65535
_NAT_FIRST_PORT, _LINUX_FIRST_PORT = 1024, 32768


@dataclass(frozen=True)
class AccessRule:
    """One rule that lets something in. `ports` for TCP, `message` (type and code) for ICMP; `-1` is every protocol."""

    number: int
    protocol: str
    source: str
    ports: tuple[int, int] = (0, 0)
    message: tuple[int, int] | None = None


def public_rules(cidr: str, source_ranges: tuple[str, ...], door_port: int) -> tuple[AccessRule, ...]:
    """For the load balancer's and the NAT gateways' subnets.

    The answers that a NAT gateway waits for arrive on nearly any port; port 3389 is left out, because control EC2.21
    lets no list open it to the world.
    """
    below, above = (_NAT_FIRST_PORT, _REMOTE_DESKTOP - 1), (_REMOTE_DESKTOP + 1, _LAST_PORT)
    return (
        _from_inside(cidr),
        *(AccessRule(200 + i, "tcp", source, (door_port, door_port)) for i, source in enumerate(_few(source_ranges))),
        AccessRule(300, "tcp", ANYWHERE, below),
        AccessRule(310, "tcp", ANYWHERE, above),
        _too_big(),
    )


def private_rules(cidr: str) -> tuple[AccessRule, ...]:
    """For the subnets of tasks and hosts, which are all Linux: answers from the internet and from S3."""
    return (
        _from_inside(cidr),
        AccessRule(300, "tcp", ANYWHERE, (_LINUX_FIRST_PORT, _LAST_PORT)),
        _too_big(),
    )


def _from_inside(cidr: str) -> AccessRule:
    return AccessRule(100, "-1", cidr)


def _too_big() -> AccessRule:
    return AccessRule(320, "icmp", ANYWHERE, message=TOO_BIG)


def _few(source_ranges: tuple[str, ...]) -> tuple[str, ...]:
    """More ranges than a list can hold: the door's security group alone tells them apart."""
    return source_ranges if len(source_ranges) <= _MOST_SOURCE_RANGES else (ANYWHERE,)
