"""The declared rule set has the shape that AWS's API takes: botocore checks it, moto stores it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from rehearsal.provision.clients import Clients
from rehearsal.provision.realisations import web_firewall
from rehearsal.provision.registry import Declared, Realised
from stacks.web import rules as web_rules


def realised(endpoint: str, name: str, rules: list[dict[str, Any]]) -> Realised:
    fields = [{"fieldType": "SINGLE_HEADER", "fieldKeys": list(web_rules.HIDDEN_HEADERS)}, {"fieldType": "BODY"}]
    kept = {"excludeRateBasedDetails": False, "excludeRuleMatchDetails": False}
    inputs = {
        "name": name,
        "scope": "REGIONAL",
        "description": "a test",
        "ruleJson": json.dumps(rules),
        "customResponseBodies": [
            {"key": key, "content": body, "contentType": "APPLICATION_JSON"} for key, body in web_rules.bodies().items()
        ],
        "dataProtectionConfig": {
            "dataProtections": [{"field": field, "action": "SUBSTITUTION", **kept} for field in fields]
        },
        "visibilityConfig": {
            "cloudwatchMetricsEnabled": True,
            "sampledRequestsEnabled": False,
            "metricName": name,
        },
    }
    aws = Clients(endpoint, "us-east-1")
    return web_firewall.web_acl(Declared("aws:wafv2/webAcl:WebAcl", "acl", inputs, {"Project": "s"}, aws, {}))


def test_the_rules_are_what_the_api_takes_and_arrive_in_their_order(
    endpoint: str, client: Callable[[str], Any]
) -> None:
    rules = web_rules.rules(7)
    made = realised(endpoint, "whole", rules)
    stored = client("wafv2").get_web_acl(Name="whole", Scope="REGIONAL", Id=made.id)["WebACL"]
    assert [(rule["Name"], rule["Priority"]) for rule in stored["Rules"]] == [
        ("limit-each-client", 0),
        ("limit-each-address", 1),
        ("amazon-ip-list", 2),
        ("core-rule-set", 3),
        ("known-bad-inputs", 4),
        ("sql-database", 5),
        ("refuse", 6),
    ]
    assert stored["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"] == 7 * 10 * 300
    assert set(stored["CustomResponseBodies"]) == {"too-many-requests", "refused"}


@pytest.mark.parametrize("peak", [1, 133_333])
def test_the_smallest_and_the_largest_peak_are_within_awss_limits(endpoint: str, peak: int) -> None:
    assert realised(endpoint, f"peak-{peak}", web_rules.rules(peak)).id


def test_a_rule_without_a_shape_in_the_api_is_refused(endpoint: str) -> None:
    (first, *others) = web_rules.rules(7)
    wrong = {**first, "Statement": {"RateBasedStatement": {"Limits": 1}}}
    with pytest.raises(ParamValidationError):
        realised(endpoint, "wrong", [wrong, *others])
