"""From moto's Elastic Load Balancing state to our model. Raises Unsupported for what Envoy is not configured for."""

from collections.abc import Iterable, Mapping
from typing import Any

from rehearsal.balancer.model import (
    Action,
    Condition,
    FixedResponse,
    Forward,
    Group,
    HeaderCondition,
    HealthSettings,
    Listener,
    LoadBalancer,
    PathCondition,
    Rule,
)
from rehearsal.errors import Unsupported

# The default of `idle_timeout.timeout_seconds`, which moto leaves out (Elastic Load Balancing user guide).
_IDLE_TIMEOUT_SECONDS = 60.0


def load_balancer(elbv2: Any, name: str) -> LoadBalancer:
    """One load balancer with its listeners, rules and target groups."""
    found = next(lb for lb in elbv2.load_balancers.values() if lb.name == name)
    names = {group.arn: group.name for group in elbv2.target_groups.values()}
    listeners = tuple(_listener(listener, names) for listener in found.listeners.values())
    used = _used(listeners)
    return LoadBalancer(
        name=name,
        public=found.scheme == "internet-facing",
        idle_timeout_seconds=float(found.attrs.get("idle_timeout.timeout_seconds", _IDLE_TIMEOUT_SECONDS)),
        listeners=listeners,
        groups=tuple(_group(group) for group in elbv2.target_groups.values() if group.name in used),
    )


def traffic_weights(elbv2: Any, rule_arn: str) -> dict[str, int]:
    """The weights of one rule, by target group ARN."""
    rule = elbv2.describe_rules(listener_arn=None, rule_arns=[rule_arn])[0]
    groups = rule.actions[-1].data["ForwardConfig"]["TargetGroups"]
    return {group["TargetGroupArn"]: int(group.get("Weight", 1)) for group in groups}


def _used(listeners: Iterable[Listener]) -> set[str]:
    actions = [rule.action for listener in listeners for rule in listener.rules]
    return {name for action in actions if isinstance(action, Forward) for name, _ in action.weights}


def _listener(listener: Any, names: Mapping[str, str]) -> Listener:
    ordered = sorted(listener.rules.values(), key=lambda r: (r.priority == "default", _priority(r.priority)))
    rules = tuple(Rule(tuple(map(_condition, rule.conditions)), _action(rule.actions, names)) for rule in ordered)
    return Listener(int(listener.port), listener.protocol == "HTTPS", rules)


def _priority(priority: Any) -> int:
    return 0 if priority == "default" else int(priority)


def _action(actions: Iterable[Any], names: Mapping[str, str]) -> Action:
    data = [action.data for action in actions][-1]
    if data["Type"] == "fixed-response":
        fixed = data["FixedResponseConfig"]
        return FixedResponse(
            int(fixed["StatusCode"]), fixed.get("ContentType", "text/plain"), fixed.get("MessageBody", "")
        )
    if data["Type"] == "forward" and "ForwardConfig" in data:
        groups = data["ForwardConfig"]["TargetGroups"]
        return Forward(tuple((names[g["TargetGroupArn"]], int(g.get("Weight", 1))) for g in groups))
    if data["Type"] == "forward":
        return Forward(((names[data["TargetGroupArn"]], 1),))
    raise Unsupported(f"the rehearsal's load balancer does not know the action {data['Type']!r}")


def _condition(condition: Mapping[str, Any]) -> Condition:
    field = condition["Field"]
    if field == "http-header":
        config = condition["HttpHeaderConfig"]
        return HeaderCondition(config["HttpHeaderName"].lower(), tuple(config["Values"]))
    if field == "path-pattern":
        config = condition.get("PathPatternConfig") or condition
        return PathCondition(tuple(config["Values"]))
    raise Unsupported(f"the rehearsal's load balancer does not know the condition {field!r}")


def _group(group: Any) -> Group:
    port = None if group.health_check_port in (None, "traffic-port") else int(group.health_check_port)
    first, last = _statuses((group.matcher or {}).get("HttpCode", "200"))
    health = HealthSettings(
        path=group.health_check_path or "/",
        port=port,
        interval_seconds=float(group.health_check_interval_seconds),
        timeout_seconds=float(group.health_check_timeout_seconds),
        healthy_threshold=int(group.healthy_threshold_count),
        unhealthy_threshold=int(group.unhealthy_threshold_count),
        first_status=first,
        last_status=last,
    )
    return Group(
        arn=group.arn,
        name=group.name,
        health=health,
        least_outstanding=group.attributes.get("load_balancing.algorithm.type") == "least_outstanding_requests",
        deregistration_delay_seconds=float(group.attributes["deregistration_delay.timeout_seconds"]),
    )


def _statuses(matcher: str) -> tuple[int, int]:
    first, _, last = matcher.partition("-")
    return int(first), int(last or first)
