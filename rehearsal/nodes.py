"""Where the load balancers' nodes live on this machine."""

from rehearsal.addresses import AddressPool
from rehearsal.balancer.envoy import NodePlace
from rehearsal.balancer.model import Endpoint
from rehearsal.balancer.node import Node
from rehearsal.processes import ProcessRegistry
from rehearsal.settings import RehearsalSettings
from rehearsal.tls import DoorCertificate

_ADMIN_PORT = 9901
_HTTPS = 443
# One listener port for each vLLM colour.
_INTERNAL_PORTS = (8001, 8002)


def door_addresses(settings: RehearsalSettings) -> list[str]:
    """The addresses that the public load balancer's name resolves to: one a node."""
    return [f"127.0.0.{number}" for number in range(1, settings.nodes + 1)]


def internal_address(addresses: AddressPool) -> str:
    """Where the internal load balancer listens; its DNS name in the rehearsal."""
    return addresses.fixed(1, 1)


def public_nodes(
    settings: RehearsalSettings, addresses: AddressPool, certificate: DoorCertificate, registry: ProcessRegistry
) -> list[Node]:
    """The nodes of the public load balancer, each with its own delay."""
    nodes = []
    for number, address in enumerate(door_addresses(settings), start=1):
        place = NodePlace(
            name=f"public-{number}",
            folder=settings.folder / "envoy" / f"public-{number}",
            admin=Endpoint(addresses.fixed(0, 10 + number), _ADMIN_PORT),
            doors={_HTTPS: Endpoint(address, settings.port)},
            certificate=certificate.chain,
            key=certificate.key,
        )
        nodes.append(_node(place, settings, registry))
        nodes[-1].delay_seconds = settings.propagation_seconds[number - 1]
    return nodes


def internal_node(settings: RehearsalSettings, addresses: AddressPool, registry: ProcessRegistry) -> Node:
    """The one node of the internal load balancer: its rules never change, so one is enough."""
    address = internal_address(addresses)
    place = NodePlace(
        name="internal-1",
        folder=settings.folder / "envoy" / "internal-1",
        admin=Endpoint(addresses.fixed(0, 20), _ADMIN_PORT),
        doors={port: Endpoint(address, port) for port in _INTERNAL_PORTS},
    )
    return _node(place, settings, registry)


def _node(place: NodePlace, settings: RehearsalSettings, registry: ProcessRegistry) -> Node:
    return Node(place, registry, settings.logs / f"envoy-{place.name}.log")
