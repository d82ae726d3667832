"""Every leg of every way that a request takes passes the access lists, and what nobody needs does not.

The addresses lie in the subnets of the default range: private ones from 10.42.0.0, public ones from 10.42.128.0.
"""

from typing import Any

import pytest

from stacks.access_rules import ANYWHERE, public_rules
from tests.stacks.declared import Program
from tests.stacks.packets import Packet, passes

CLIENT, OPENAI, S3, DOCKER = "203.0.113.9", "198.51.100.7", "52.216.1.1", "192.0.2.80"
DOOR, OTHER_DOOR, NAT = "10.42.128.10", "10.42.160.10", "10.42.128.20"
TASK, OTHER_TASK, INTERNAL, HOST = "10.42.1.10", "10.42.33.10", "10.42.1.20", "10.42.33.20"
DNS = "10.42.0.2"
TOO_BIG, PING = (3, 4), (8, 0)

NEEDED = {
    "a client opens a connection to the door": Packet(CLIENT, DOOR, port=443),
    "in the other zone as well": Packet(CLIENT, OTHER_DOOR, port=443),
    "the door answers a client on Linux": Packet(DOOR, CLIENT, port=32768),
    "the door answers a client behind a NAT": Packet(DOOR, CLIENT, port=1024),
    "the door answers a client on the port that is left out": Packet(DOOR, CLIENT, port=3389),
    "the door calls a gateway task": Packet(DOOR, TASK, port=8080),
    "the door calls a task of another zone": Packet(DOOR, OTHER_TASK, port=8080),
    "a task answers the door's lowest port": Packet(TASK, DOOR, port=1024),
    "a task answers the door on the port that is left out": Packet(TASK, DOOR, port=3389),
    "a task answers the door's highest port": Packet(TASK, DOOR, port=65535),
    "a task calls the internal load balancer": Packet(OTHER_TASK, INTERNAL, port=8001),
    "the internal load balancer answers": Packet(INTERNAL, OTHER_TASK, port=32768),
    "it calls vLLM on a host of another zone": Packet(INTERNAL, HOST, port=8000),
    "vLLM answers the port that is left out": Packet(HOST, INTERNAL, port=3389),
    "a task leaves for OpenAI": Packet(TASK, OPENAI, port=443),
    "from another zone its packets cross to the NAT gateway": Packet(OTHER_TASK, NAT, port=443),
    "the NAT gateway leaves for OpenAI": Packet(NAT, OPENAI, port=443),
    "OpenAI answers the NAT gateway's lowest port": Packet(OPENAI, NAT, port=1024),
    "just below the port that is left out": Packet(OPENAI, NAT, port=3388),
    "just above it": Packet(OPENAI, NAT, port=3390),
    "OpenAI answers the NAT gateway's highest port": Packet(OPENAI, NAT, port=65535),
    "the answer reaches the task's lowest port": Packet(OPENAI, TASK, port=32768),
    "the answer reaches the task's highest port": Packet(OPENAI, TASK, port=60999),
    "a host pulls a layer from S3": Packet(HOST, S3, port=443),
    "S3 answers": Packet(S3, HOST, port=40000),
    "a host asks for a name": Packet(HOST, DNS, "udp", 53),
    "and gets it": Packet(DNS, HOST, "udp", 40000),
    "a router says to the door that a packet is too big": Packet(DOCKER, DOOR, "icmp", message=TOO_BIG),
    "and to a host, through the NAT gateway": Packet(DOCKER, HOST, "icmp", message=TOO_BIG),
}
REFUSED = {
    "SSH to a host": Packet(CLIENT, HOST, port=22),
    "SSH to the public subnets": Packet(CLIENT, NAT, port=22),
    "remote desktop to a host": Packet(CLIENT, HOST, port=3389),
    "remote desktop to the public subnets": Packet(CLIENT, DOOR, port=3389),
    "the door without TLS": Packet(CLIENT, DOOR, port=80),
    "the gateway from outside": Packet(CLIENT, TASK, port=8080),
    "its metrics from outside": Packet(CLIENT, TASK, port=9090),
    "vLLM from outside": Packet(CLIENT, HOST, port=8000),
    "a ping": Packet(CLIENT, DOOR, "icmp", message=PING),
    "names served to the world": Packet(CLIENT, TASK, "udp", 53),
    "anything over UDP from outside": Packet(CLIENT, HOST, "udp", 40000),
}


@pytest.mark.parametrize("leg", NEEDED.values(), ids=NEEDED.keys())
def test_a_request_passes_on_every_leg(program: Program, leg: Packet) -> None:
    assert passes(program, leg)


@pytest.mark.parametrize("leg", REFUSED.values(), ids=REFUSED.keys())
def test_what_nobody_needs_is_refused(program: Program, leg: Packet) -> None:
    assert not passes(program, leg)


@pytest.mark.parametrize("port", [22, 3389])
def test_no_list_opens_remote_login_to_the_world(program: Program, port: int) -> None:
    """EC2.21, as AWS Config reads it: single rules, whatever other rules deny before them."""
    for made in program.of("NetworkAcl"):
        world = [rule for rule in made.inputs["ingress"] if rule["cidrBlock"] == ANYWHERE]
        assert len(world) >= 2
        for rule in world:
            assert rule["protocol"] != "-1"
            assert rule["protocol"] != "tcp" or not rule["fromPort"] <= port <= rule["toPort"]


def test_every_subnet_is_in_exactly_one_of_the_two_lists(recorded: dict[str, Any]) -> None:
    for case in ("staging", "production", "wide"):
        program = Program(recorded[case])
        listed = [subnet for made in program.of("NetworkAcl") for subnet in made.inputs["subnetIds"]]
        assert sorted(listed) == sorted(f"{found.name}-id" for found in program.of("Subnet"))


def test_the_default_list_is_emptied_after_the_subnets_have_left_it(program: Program) -> None:
    (default,) = program.of("DefaultNetworkAcl")
    assert not default.inputs.get("ingress") and not default.inputs.get("egress")
    assert "subnetIds" not in default.inputs
    assert default.depends_on == ["access-lists-private", "access-lists-public"]


def test_only_the_ranges_of_the_settings_reach_the_door() -> None:
    office = ("192.0.2.0/24", "198.51.100.0/24")
    rules = public_rules("10.42.0.0/16", office, 443)
    assert tuple(rule.source for rule in rules if rule.ports == (443, 443)) == office


def test_more_ranges_than_a_list_holds_are_left_to_the_security_group(recorded: dict[str, Any]) -> None:
    wide = Program(recorded["wide"])
    rules = wide.one("access-lists-public").inputs["ingress"]
    assert len(rules) <= 20
    assert [rule["cidrBlock"] for rule in rules if rule["fromPort"] == 443] == [ANYWHERE]
    door = [found for found in wide.of("SecurityGroupIngressRule") if found.name.startswith("firewall-door-from-")]
    assert len(door) == 17 and ANYWHERE not in {found.inputs["cidrIpv4"] for found in door}


def test_as_many_ranges_as_a_list_holds_are_in_it() -> None:
    ranges = tuple(f"192.0.{index}.0/24" for index in range(16))
    assert len(public_rules("10.42.0.0/16", ranges, 443)) == 20
