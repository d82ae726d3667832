"""Controls of load balancers, their listeners, and what stands before them."""

import json

from tests.stacks.controls.control import change, control, every, without
from tests.stacks.declared import Program

# AWS's own list for ELB.17 (Security Hub user guide).
RECOMMENDED_TLS_POLICIES = {
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
}


@control("ELB.4", broken=change("LoadBalancer", dropInvalidHeaderFields=False))
def test_elb_4_invalid_headers_are_dropped(program: Program) -> None:
    assert all(found.inputs["dropInvalidHeaderFields"] is True for found in every(program, "LoadBalancer"))


@control("ELB.5", broken=change("LoadBalancer", accessLogs={"bucket": "logs", "enabled": False}))
def test_elb_5_access_logs_are_written(program: Program) -> None:
    for balancer in every(program, "LoadBalancer"):
        assert balancer.inputs["accessLogs"]["enabled"] is True, balancer.name


@control("ELB.6", broken=change("LoadBalancer", enableDeletionProtection=False))
def test_elb_6_load_balancers_are_protected_from_deletion(program: Program) -> None:
    assert all(found.inputs["enableDeletionProtection"] is True for found in every(program, "LoadBalancer"))
    assert all(found.protect for found in every(program, "LoadBalancer"))


@control("ELB.12", broken=change("LoadBalancer", desyncMitigationMode="monitor"))
def test_elb_12_desync_mitigation_is_defensive_or_stricter(program: Program) -> None:
    modes = {found.inputs["desyncMitigationMode"] for found in every(program, "LoadBalancer")}
    assert modes <= {"defensive", "strictest"}


@control("ELB.13", broken=change("LoadBalancer", subnets=["one"]))
def test_elb_13_load_balancers_span_several_zones(program: Program) -> None:
    assert all(len(set(found.inputs["subnets"])) >= 2 for found in every(program, "LoadBalancer"))


@control("ELB.16", broken=without("WebAclAssociation"))
def test_elb_16_a_web_acl_is_attached_to_the_public_load_balancer(program: Program) -> None:
    (public,) = [found for found in every(program, "LoadBalancer") if not found.inputs["internal"]]
    guarded = {found.inputs["resourceArn"] for found in program.of("WebAclAssociation")}
    assert any(arn.endswith(public.name) for arn in guarded)


@control("ELB.17", broken=change("Listener", sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06"))
def test_elb_17_tls_policies_are_of_the_recommended_list(program: Program) -> None:
    policies = {found.inputs["sslPolicy"] for found in every(program, "Listener") if found.inputs.get("sslPolicy")}
    assert policies and policies <= RECOMMENDED_TLS_POLICIES


@control("WAF.10", broken=change("WebAcl", ruleJson="[]"))
def test_waf_10_the_web_acl_has_rules(program: Program) -> None:
    assert all(json.loads(found.inputs["ruleJson"]) for found in every(program, "WebAcl"))


@control("WAF.11", broken=without("WebAclLoggingConfiguration"))
def test_waf_11_the_web_acl_logs_and_no_credential_is_in_it(program: Program) -> None:
    (logging,) = every(program, "WebAclLoggingConfiguration")
    redacted = {found["singleHeader"]["name"] for found in logging.inputs["redactedFields"]}
    assert {"authorization", "x-switchyard-preview"} <= redacted


def _silent_rule(program: Program) -> None:
    (acl,) = program.of("WebAcl")
    rules = json.loads(acl.inputs["ruleJson"])
    rules[0]["VisibilityConfig"]["CloudWatchMetricsEnabled"] = False
    acl.inputs["ruleJson"] = json.dumps(rules)


@control("WAF.12", broken=_silent_rule)
def test_waf_12_every_rule_has_metrics(program: Program) -> None:
    for acl in every(program, "WebAcl"):
        assert acl.inputs["visibilityConfig"]["cloudwatchMetricsEnabled"] is True
        for rule in json.loads(acl.inputs["ruleJson"]):
            assert rule["VisibilityConfig"]["CloudWatchMetricsEnabled"] is True, rule["Name"]


@control("ACM.1", broken=without("MetricAlarm"))
def test_acm_1_a_certificate_that_is_not_renewed_in_time_is_told(program: Program) -> None:
    """And what the program requests is validated through DNS, which lets AWS renew it."""
    assert any(found.inputs["name"].endswith("CertificateExpiry") for found in program.of("MetricAlarm"))
    assert all(found.inputs["validationMethod"] == "DNS" for found in program.of("Certificate"))


def _weak_key(program: Program) -> None:
    program.one("ingress-https").inputs["certificateArn"] = ""


@control("ACM.2", broken=_weak_key)
def test_acm_2_certificates_have_rsa_keys_of_2048_bits_or_are_given(program: Program) -> None:
    """`Certificate` is declared only where a zone is given; tests of the domain look at that case as well."""
    assert all(found.inputs["keyAlgorithm"] == "RSA_2048" for found in program.of("Certificate"))
    (public,) = [found for found in every(program, "Listener") if found.inputs.get("sslPolicy")]
    assert public.inputs["certificateArn"]


@control("SNS.1", broken=change("Topic", kmsMasterKeyId=None))
def test_sns_1_topics_are_encrypted(program: Program) -> None:
    assert all(found.inputs.get("kmsMasterKeyId") for found in every(program, "Topic"))


def _open_topic(program: Program) -> None:
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}]}
    program.of("TopicPolicy")[0].inputs["policy"] = json.dumps(policy)


@control("SNS.4", broken=_open_topic)
def test_sns_4_topics_are_not_public(program: Program) -> None:
    for policy in every(program, "TopicPolicy"):
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            assert statement["Effect"] == "Deny" or statement["Principal"] not in ("*", {"AWS": "*"})
