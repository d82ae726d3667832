"""Envoy's configuration for one node of a load balancer. Pure: states in, JSON-able dictionaries out.

Where Envoy and an Application Load Balancer differ is listed in docs/alb-vs-envoy.md; each setting below that
looks odd is there to close one of those gaps.
"""

import fnmatch
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.balancer.model import (
    Action,
    Condition,
    Endpoint,
    FixedResponse,
    Forward,
    Group,
    HeaderCondition,
    HealthSettings,
    Listener,
    LoadBalancer,
)

Json = dict[str, Any]
_TYPE = "type.googleapis.com/"
_HTTP = _TYPE + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER = _TYPE + "envoy.extensions.filters.http.router.v3.Router"
_TLS = _TYPE + "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
_UPSTREAM = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
# An Application Load Balancer waits this long for a target to accept a connection (user guide, 504 errors).
_CONNECT_SECONDS = 10
_UNLIMITED = 1_000_000


@dataclass(frozen=True)
class NodePlace:
    """Where a node lives: its files, its admin page, and the address and port of each listener."""

    name: str
    folder: Path
    admin: Endpoint
    doors: Mapping[int, Endpoint]
    certificate: Path | None = None
    key: Path | None = None


def bootstrap(balancer: LoadBalancer, place: NodePlace) -> Json:
    """The static part: listeners, and where to find routes and clusters as they change."""
    return {
        "node": {"id": place.name, "cluster": balancer.name},
        "admin": {"address": _socket(place.admin)},
        "dynamic_resources": {"cds_config": _file(place.folder, "clusters")},
        "static_resources": {"listeners": [_listener(listener, balancer, place) for listener in balancer.listeners]},
    }


def routes(listener: Listener) -> Json:
    """The route configuration of one listener (RDS): one route a rule and pattern, in order of priority."""
    entries = [
        {"match": match, **_route_action(rule.action)} for rule in listener.rules for match in _matches(rule.conditions)
    ]
    return {
        "@type": _TYPE + "envoy.config.route.v3.RouteConfiguration",
        "name": route_name(listener.port),
        "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": entries}],
        # Without this a route to a cluster that is not there yet would be refused as a whole.
        "validate_clusters": False,
    }


def cluster(group: Group, place: NodePlace, idle_timeout_seconds: float) -> Json:
    """A target group (CDS). Its targets come by EDS, so that a change of targets keeps connections and health."""
    return {
        "@type": _TYPE + "envoy.config.cluster.v3.Cluster",
        "name": group.name,
        "type": "EDS",
        "eds_cluster_config": {"eds_config": _file(place.folder, endpoints_name(group.name))},
        "connect_timeout": f"{_CONNECT_SECONDS}s",
        "lb_policy": "LEAST_REQUEST" if group.least_outstanding else "ROUND_ROBIN",
        # Removed targets would otherwise keep getting requests until their health check failed.
        "ignore_health_on_host_removal": True,
        "common_lb_config": {
            # Fail open when every target is unhealthy, as a load balancer in AWS does.
            "healthy_panic_threshold": {"value": 1},
            "ignore_new_hosts_until_first_hc": True,
        },
        "circuit_breakers": {"thresholds": [_no_limits()]},
        "health_checks": [_health_check(group.health)],
        "typed_extension_protocol_options": {_UPSTREAM: _upstream(idle_timeout_seconds)},
    }


def endpoints(group: Group, targets: Iterable[Endpoint]) -> Json:
    """The registered targets of a group (EDS); a draining target is not among them."""
    return {
        "@type": _TYPE + "envoy.config.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": group.name,
        "endpoints": [{"lb_endpoints": [_endpoint(group, target) for target in targets]}],
    }


def discovery(*resources: Json) -> str:
    """A discovery file: the version is a digest of the content, so that equal states are equal files."""
    version = hashlib.sha256(json.dumps(resources, sort_keys=True).encode()).hexdigest()[:16]
    return json.dumps({"version_info": version, "resources": list(resources)}, sort_keys=True)


def route_name(port: int) -> str:
    return f"routes-{port}"


def endpoints_name(group: str) -> str:
    return f"endpoints-{group}"


def _listener(listener: Listener, balancer: LoadBalancer, place: NodePlace) -> Json:
    idle = f"{balancer.idle_timeout_seconds}s"
    manager = {
        "@type": _HTTP,
        "stat_prefix": f"listener-{listener.port}",
        "rds": {
            "route_config_name": route_name(listener.port),
            "config_source": _file(place.folder, route_name(listener.port)),
        },
        "stream_idle_timeout": idle,
        "request_timeout": "0s",
        "common_http_protocol_options": {"idle_timeout": idle},
        "use_remote_address": True,
        "generate_request_id": False,
        "preserve_external_request_id": True,
        "server_header_transformation": "PASS_THROUGH",
        "http_filters": [
            {"name": "router", "typed_config": {"@type": _ROUTER, "suppress_envoy_headers": True}},
        ],
    }
    chain: Json = {"filters": [{"name": "http", "typed_config": manager}]}
    if listener.tls:
        chain["transport_socket"] = _tls(place)
    return {
        "name": f"listener-{listener.port}",
        "address": _socket(place.doors[listener.port]),
        # A second Envoy on the same address must fail, not share the traffic.
        "enable_reuse_port": False,
        "filter_chains": [chain],
    }


def _tls(place: NodePlace) -> Json:
    pair = {"certificate_chain": {"filename": str(place.certificate)}, "private_key": {"filename": str(place.key)}}
    return {
        "name": "tls",
        "typed_config": {
            "@type": _TLS,
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "tls_certificates": [pair],
            },
        },
    }


def _route_action(action: Action) -> Json:
    if isinstance(action, FixedResponse):
        return {
            "direct_response": {"status": action.status, "body": {"inline_string": action.body}},
            "response_headers_to_add": [{"header": {"key": "content-type", "value": action.content_type}}],
        }
    if sum(weight for _, weight in action.weights) == 0:
        return {"direct_response": {"status": 503, "body": {"inline_string": "every target group has weight 0"}}}
    return {"route": {"timeout": "0s", **_destination(action)}}


def _destination(action: Forward) -> Json:
    return {"weighted_clusters": {"clusters": [{"name": name, "weight": weight} for name, weight in action.weights]}}


def _matches(conditions: Iterable[Condition]) -> list[Json]:
    headers = [_header(c) for c in conditions if isinstance(c, HeaderCondition)]
    paths = [p for c in conditions if not isinstance(c, HeaderCondition) for p in c.values] or ["*"]
    return [{**_path(pattern), **({"headers": headers} if headers else {})} for pattern in paths]


def _path(pattern: str) -> Json:
    if pattern in ("*", "/*"):
        return {"prefix": "/"}
    return {"safe_regex": {"regex": _regex(pattern)}}


def _header(condition: HeaderCondition) -> Json:
    alternatives = "|".join(_regex(value) for value in condition.values)
    return {"name": condition.name, "string_match": {"safe_regex": {"regex": alternatives}}}


def _regex(pattern: str) -> str:
    return fnmatch.translate(pattern).removeprefix("(?s:").removesuffix(r")\Z")


def _health_check(health: HealthSettings) -> Json:
    interval = f"{health.interval_seconds}s"
    return {
        "timeout": f"{health.timeout_seconds}s",
        "interval": interval,
        # Envoy checks a cluster without traffic once a minute unless told otherwise.
        "no_traffic_interval": interval,
        "healthy_threshold": health.healthy_threshold,
        "unhealthy_threshold": health.unhealthy_threshold,
        "reuse_connection": False,
        "http_health_check": {
            "path": health.path,
            "expected_statuses": [{"start": health.first_status, "end": health.last_status + 1}],
        },
    }


def _upstream(idle_timeout_seconds: float) -> Json:
    return {
        "@type": _TYPE + _UPSTREAM,
        "explicit_http_config": {"http_protocol_options": {}},
        "common_http_protocol_options": {"idle_timeout": f"{idle_timeout_seconds}s"},
    }


def _endpoint(group: Group, target: Endpoint) -> Json:
    check = {} if group.health.port is None else {"health_check_config": {"port_value": group.health.port}}
    return {"endpoint": {**_socket_of(target), **check}}


def _no_limits() -> Json:
    return {"max_connections": _UNLIMITED, "max_pending_requests": _UNLIMITED, "max_requests": _UNLIMITED}


def _socket(endpoint: Endpoint) -> Json:
    return {"socket_address": {"address": endpoint.address, "port_value": endpoint.port}}


def _socket_of(endpoint: Endpoint) -> Json:
    return {"address": _socket(endpoint)}


def _file(folder: Path, name: str) -> Json:
    return {
        "resource_api_version": "V3",
        "path_config_source": {"path": str(folder / f"{name}.json"), "watched_directory": {"path": str(folder)}},
    }
