"""One function for each resource type that a release or a request touches, one file for each family of AWS.

Each makes the resource with the calls that AWS's own provider would make, and returns what AWS answered.
"""

from rehearsal.provision.realisations import (
    access_lists,
    alerts,
    buckets,
    containers,
    domain,
    endpoints,
    firewall,
    hosts,
    identity,
    images,
    load_balancing,
    logs,
    network,
    scaling,
    secrets,
    tables,
    telemetry,
    web_firewall,
)
from rehearsal.provision.registry import Registry

REGISTRY = Registry().joined(
    network.REGISTRY,
    firewall.REGISTRY,
    access_lists.REGISTRY,
    endpoints.REGISTRY,
    load_balancing.REGISTRY,
    containers.REGISTRY,
    scaling.REGISTRY,
    telemetry.REGISTRY,
    hosts.REGISTRY,
    images.REGISTRY,
    identity.REGISTRY,
    tables.REGISTRY,
    buckets.REGISTRY,
    logs.REGISTRY,
    secrets.REGISTRY,
    alerts.REGISTRY,
    domain.REGISTRY,
    web_firewall.REGISTRY,
)
