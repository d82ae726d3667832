"""Listener rules: the traffic rule's actions and the preview rules' headers."""

from collections.abc import Iterable, Mapping
from typing import Any

from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.aws.model import Rule
from scripts.errors import AwsFailed


def rule(clients: Clients, arn: str) -> Rule:
    with translated("elbv2", "DescribeRules"):
        found = clients.read("elbv2").describe_rules(RuleArns=[arn])["Rules"]
    if not found:
        raise AwsFailed(f"listener rule {arn} does not exist: run `pulumi up`", "RuleNotFound")
    return Rule(arn, tuple(found[0]["Actions"]), tuple(found[0].get("Conditions", ())))


def group_weights(actions: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Target group ARN -> weight, from the forward action."""
    return {
        group["TargetGroupArn"]: int(group.get("Weight", 1))
        for action in actions
        for group in action.get("ForwardConfig", {}).get("TargetGroups", ())
    }


def reweighted(actions: Iterable[Mapping[str, Any]], weights: Mapping[str, int]) -> list[dict[str, Any]]:
    """The same actions with other weights; stickiness, order and whatever else is there stay."""
    return [_reweighted(dict(action), weights) for action in actions]


def required_headers(found: Rule) -> dict[str, str]:
    """The headers that a request must carry to match the rule."""
    configs = [c["HttpHeaderConfig"] for c in found.conditions if c.get("Field") == "http-header"]
    return {config["HttpHeaderName"]: config["Values"][0] for config in configs}


def _reweighted(action: dict[str, Any], weights: Mapping[str, int]) -> dict[str, Any]:
    if "ForwardConfig" not in action:
        return action
    forward = dict(action["ForwardConfig"])
    forward["TargetGroups"] = [
        {**group, "Weight": weights[group["TargetGroupArn"]]} for group in forward["TargetGroups"]
    ]
    return {**action, "ForwardConfig": forward}
