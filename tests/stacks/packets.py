"""A small evaluator of the declared network access lists: whether a packet gets from one address to another.

Security groups, routes and the NAT gateways' own translation are not judged: a row of a test is one leg of a way.
"""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from tests.stacks.declared import Program


@dataclass(frozen=True)
class Packet:
    """`port` is the one it is sent to; for ICMP, `message` is its type and code."""

    source: str
    target: str
    protocol: str = "tcp"
    port: int = 0
    message: tuple[int, int] = (0, 0)


def passes(program: Program, packet: Packet) -> bool:
    """Out of the source's subnet and into the target's; within one subnet no list is asked."""
    source, target = _subnet(program, packet.source), _subnet(program, packet.target)
    if source is not None and source == target:
        return True
    out = source is None or _allowed(_list_of(program, source)["egress"], packet, packet.target)
    return out and (target is None or _allowed(_list_of(program, target)["ingress"], packet, packet.source))


def _subnet(program: Program, address: str) -> str | None:
    """The name of the subnet that an address lies in; None for the world outside."""
    found = [one.name for one in program.of("Subnet") if ip_address(address) in ip_network(one.inputs["cidrBlock"])]
    return found[0] if found else None


def _list_of(program: Program, subnet: str) -> dict[str, Any]:
    (found,) = [one.inputs for one in program.of("NetworkAcl") if f"{subnet}-id" in one.inputs["subnetIds"]]
    return found


def _allowed(rules: list[dict[str, Any]], packet: Packet, other_end: str) -> bool:
    """The first rule that matches decides; the last one of every list, which AWS keeps, denies."""
    for rule in sorted(rules, key=lambda one: one["ruleNo"]):
        if _matches(rule, packet, other_end):
            return bool(rule["action"] == "allow")
    return False


def _matches(rule: dict[str, Any], packet: Packet, other_end: str) -> bool:
    if ip_address(other_end) not in ip_network(rule["cidrBlock"]):
        return False
    if rule["protocol"] == "-1":
        return True
    if rule["protocol"] != packet.protocol:
        return False
    if packet.protocol == "icmp":
        return packet.message == (rule["icmpType"], rule["icmpCode"])
    return bool(rule["fromPort"] <= packet.port <= rule["toPort"])
