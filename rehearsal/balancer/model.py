"""A load balancer as its API describes it, reduced to what decides where a request goes. Data only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HealthSettings:
    """A target group's health check, in seconds. `port` is None for the traffic port."""

    path: str
    port: int | None
    interval_seconds: float
    timeout_seconds: float
    healthy_threshold: int
    unhealthy_threshold: int
    first_status: int
    last_status: int


@dataclass(frozen=True)
class Group:
    """A target group. `name` is unique within the account, and names the Envoy cluster."""

    arn: str
    name: str
    health: HealthSettings
    least_outstanding: bool
    deregistration_delay_seconds: float


@dataclass(frozen=True)
class Forward:
    """Weights by target group name."""

    weights: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class FixedResponse:
    status: int
    content_type: str
    body: str


Action = Forward | FixedResponse


@dataclass(frozen=True)
class HeaderCondition:
    """A header that has one of these values; `*` and `?` are wild cards."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class PathCondition:
    values: tuple[str, ...]


Condition = HeaderCondition | PathCondition


@dataclass(frozen=True)
class Rule:
    """All conditions must hold. Rules are kept in order of priority; the default rule has none and comes last."""

    conditions: tuple[Condition, ...]
    action: Action


@dataclass(frozen=True)
class Listener:
    port: int
    tls: bool
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class LoadBalancer:
    name: str
    public: bool
    idle_timeout_seconds: float
    listeners: tuple[Listener, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Endpoint:
    """A registered target."""

    address: str
    port: int
