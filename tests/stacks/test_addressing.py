"""Subnets: no overlap, all inside, and none that moves when a zone is added."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest

from stacks.addressing import plan

TWO, THREE = ("us-east-1a", "us-east-1b"), ("us-east-1a", "us-east-1b", "us-east-1c")


@pytest.mark.parametrize("cidr", ["10.42.0.0/16", "192.168.4.0/22"])
def test_subnets_lie_in_the_range_and_do_not_overlap(cidr: str) -> None:
    subnets = [IPv4Network(text) for zone in plan(cidr, THREE) for text in (zone.public_cidr, zone.private_cidr)]
    assert all(subnet.subnet_of(IPv4Network(cidr)) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))


def test_adding_a_zone_moves_no_address() -> None:
    assert plan("10.42.0.0/16", THREE)[:2] == plan("10.42.0.0/16", TWO)


def test_a_load_balancer_finds_the_addresses_it_needs_in_the_smallest_network() -> None:
    assert all(IPv4Network(zone.public_cidr).prefixlen <= 27 for zone in plan("10.42.0.0/22", TWO))
