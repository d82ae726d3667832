"""Load balancers, ways out, endpoints, public addresses, and what flows through them.

A public load balancer has an address in each of its zones. Not counted: traffic between zones, which depends on who
answers whom.
"""

from collections.abc import Iterable

from scripts.cost.assumptions import Assumptions
from scripts.cost.family import Family, of_type
from scripts.cost.model import HOURS_A_MONTH, Line, Used
from scripts.cost.scene import Scene
from stacks.offline.declaration import Declaration

_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_NAT = "aws:ec2/natGateway:NatGateway"
_ADDRESS = "aws:ec2/eip:Eip"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_SECONDS_AN_HOUR = 3600
# One load balancer capacity unit: 25 new connections a second, or 1 GB an hour (Elastic Load Balancing pricing).
_CONNECTIONS_A_SECOND, _GB_AN_HOUR = 25, 1


def _lines(scene: Scene) -> Iterable[Line]:
    balancers = of_type(scene, _BALANCER)
    public = [found for found in balancers if not found.inputs.get("internal")]
    addresses = len(of_type(scene, _ADDRESS)) + sum(len(found.inputs["subnets"]) for found in public)
    yield Line.always("load balancers", "alb.hour", len(balancers))
    yield Line.always("NAT gateways", "nat.hour", len(of_type(scene, _NAT)))
    yield Line.always("public addresses", "ipv4.public", addresses)
    places = sum(len(found.inputs["subnetIds"]) for found in _interfaces(scene))
    yield Line.always(
        f"interface endpoints ({len(_interfaces(scene))} services, in each zone)", "endpoint.hour", places
    )


def _uses(scene: Scene, month: Assumptions) -> Iterable[Used]:
    for balancer in of_type(scene, _BALANCER):
        name = balancer.inputs["name"]
        yield Used(
            f"capacity units of {name}",
            "alb.lcu",
            _units(month) * HOURS_A_MONTH,
            "--requests-per-month, --tokens-in, --tokens-out",
        )
    way = (
        ("through interface endpoints", "endpoint.data") if _interfaces(scene) else ("through NAT gateways", "nat.data")
    )
    if of_type(scene, _NAT) or _interfaces(scene):
        yield Used(f"data {way[0]}", way[1], month.gb_processed, "--gb-processed")
    yield Used(
        "answers to the internet", "transfer.out", month.answer_gb, "--requests-per-month, --tokens-out, all streamed"
    )


def _interfaces(scene: Scene) -> list[Declaration]:
    """Gateway endpoints (S3, DynamoDB) cost nothing."""
    return [found for found in of_type(scene, _ENDPOINT) if found.inputs.get("vpcEndpointType") == "Interface"]


def _units(month: Assumptions) -> float:
    """The largest of the dimensions, at the average of the month, with a new connection for each request."""
    requests_a_second = month.requests_per_month / HOURS_A_MONTH / _SECONDS_AN_HOUR
    gb_an_hour = (month.request_gb + month.answer_gb) / HOURS_A_MONTH
    return max(requests_a_second / _CONNECTIONS_A_SECOND, gb_an_hour / _GB_AN_HOUR)


FAMILY = Family(
    "network", frozenset({_BALANCER, _NAT, _ADDRESS, _ENDPOINT}), lambda s: [*_lines(s)], lambda s, m: [*_uses(s, m)]
)
