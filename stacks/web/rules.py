"""The web firewall's rules, as AWS's API writes them: what is refused, what is only counted, how much is too much.

No prompt may be refused for what it says. So the managed groups refuse nothing themselves: each known rule of theirs
only counts, and each group as a whole only counts, which also covers a rule that AWS adds tomorrow. What they find
becomes labels; one rule of ours, after them, refuses by a list of labels (`stacks/web/managed.py`).

Shapes and limits are AWS's: WAFV2 API reference (RateBasedStatement, CustomResponse, OverrideAction), WAF developer
guide ("Using rate-based rule statements", "Label match rule statement"). `docs/web-firewall.md` has what the rules take
of a web ACL's capacity.
"""

import json
from typing import Any, Final

from stacks.web.managed import GROUPS, ManagedGroup

EVALUATION_SECONDS: Final = 300
# A client means address and key together: clients behind one address do not share a limit, nor does a stolen key.
CLIENT_FACTOR: Final = 10
# An address alone, so that a flood without keys, or with a new one each time, has a limit too: five clients at theirs.
ADDRESS_FACTOR: Final = 50
# OpenAI's older Python clients wait as they are told up to this long, newer ones twice as long.
RETRY_AFTER_SECONDS: Final = 60
# What no log may show: the headers that let somebody in or route to a colour. Lower case, as WAF compares them.
HIDDEN_HEADERS: Final = ("authorization", "x-switchyard-preview", "cookie")

_TOO_MANY, _REFUSED = "too-many-requests", "refused"


def rules(peak_requests_per_second: int) -> list[dict[str, Any]]:
    """In the order in which they are asked. `peak_requests_per_second` is the most that one client sends."""
    limits = [_limit_clients(peak_requests_per_second), _limit_addresses(peak_requests_per_second)]
    asked = [*limits, *(_counted(group) for group in GROUPS), _refuse_by_label()]
    return [{**rule, "Priority": priority} for priority, rule in enumerate(asked)]


def bodies() -> dict[str, str]:
    """What a refused client reads, by key, in the shape of OpenAI's errors."""
    too_many = "Too many requests from this client; slow down and send it again after the time in Retry-After."
    refused = (
        "The web firewall refused this request for its address, path, query, cookies or headers, never for its body."
    )
    return {
        _TOO_MANY: _error(too_many, "rate_limit_error", "rate_limit_exceeded"),
        _REFUSED: _error(refused, "invalid_request_error", "refused_by_firewall"),
    }


def _limit_clients(peak_requests_per_second: int) -> dict[str, Any]:
    """A request without the header is not counted here at all; the limit of its address is."""
    authorization = {"Name": "authorization", "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}
    keys = {"AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": [{"IP": {}}, {"Header": authorization}]}
    return _limit("limit-each-client", peak_requests_per_second * CLIENT_FACTOR, keys)


def _limit_addresses(peak_requests_per_second: int) -> dict[str, Any]:
    return _limit("limit-each-address", peak_requests_per_second * ADDRESS_FACTOR, {"AggregateKeyType": "IP"})


def _limit(name: str, requests_per_second: int, keys: dict[str, Any]) -> dict[str, Any]:
    rate = {"Limit": requests_per_second * EVALUATION_SECONDS, "EvaluationWindowSec": EVALUATION_SECONDS, **keys}
    later = [{"Name": "Retry-After", "Value": str(RETRY_AFTER_SECONDS)}]
    return _rule(name, {"RateBasedStatement": rate}, {"Action": _block(429, _TOO_MANY, later)})


def _counted(group: ManagedGroup) -> dict[str, Any]:
    """Counting in each rule keeps the next ones asked; counting in the whole covers rules that are not known yet."""
    overrides = [{"Name": rule, "ActionToUse": {"Count": {}}} for rule in group.rules]
    statement = {"VendorName": "AWS", "Name": group.name, "RuleActionOverrides": overrides}
    return _rule(group.namespace, {"ManagedRuleGroupStatement": statement}, {"OverrideAction": {"Count": {}}})


def _refuse_by_label() -> dict[str, Any]:
    labels = [label for group in GROUPS for label in group.refusing_labels]
    found = [{"LabelMatchStatement": {"Scope": "LABEL", "Key": label}} for label in labels]
    return _rule("refuse", {"OrStatement": {"Statements": found}}, {"Action": _block(403, _REFUSED)})


def _block(status: int, body: str, headers: list[dict[str, str]] | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = {"ResponseCode": status, "CustomResponseBodyKey": body}
    return {"Block": {"CustomResponse": {**answer, **({"ResponseHeaders": headers} if headers else {})}}}


def _rule(name: str, statement: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
    """Samples of requests are not kept: the log has those that matter, without what must be hidden."""
    seen = {"CloudWatchMetricsEnabled": True, "SampledRequestsEnabled": False, "MetricName": name}
    return {"Name": name, "Statement": statement, **action, "VisibilityConfig": seen}


def _error(message: str, kind: str, code: str) -> str:
    return json.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})
