"""Load balancers, target groups, listeners and rules, with the attributes that the rehearsal's nodes read."""

from collections.abc import Mapping
from typing import Any

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()

_BALANCER_ATTRIBUTES = {
    "idleTimeout": "idle_timeout.timeout_seconds",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
}
_ACCESS_LOGS = {"enabled": "access_logs.s3.enabled", "bucket": "access_logs.s3.bucket"}
_GROUP_ATTRIBUTES = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
}
_HEALTH = {
    "enabled": "HealthCheckEnabled",
    "protocol": "HealthCheckProtocol",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthyThreshold": "HealthyThresholdCount",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}


@REGISTRY.realises("aws:lb/loadBalancer:LoadBalancer")
def load_balancer(declared: Declared) -> Realised:
    """`dns_names` of the overrides replaces the name that nothing on this machine would resolve."""
    elb, inputs = declared.aws("elbv2"), declared.inputs
    made = elb.create_load_balancer(
        **declared.given("name", "subnets", "securityGroups"),
        Scheme="internal" if inputs.get("internal") else "internet-facing",
        Type=inputs.get("loadBalancerType", "application"),
        Tags=declared.tag_list(),
    )["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    attributes = [*_attributes(inputs, _BALANCER_ATTRIBUTES), *_attributes(inputs.get("accessLogs", {}), _ACCESS_LOGS)]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)
    outputs = {
        "arn": arn,
        "arnSuffix": arn.partition(":loadbalancer/")[2],
        "dnsName": declared.dns_names.get(inputs["name"], made["DNSName"]),
        "zoneId": made["CanonicalHostedZoneId"],
        "vpcId": made["VpcId"],
        "ipAddressType": made.get("IpAddressType", "ipv4"),
        **declared.empty("enablePrefixForIpv6SourceNat", "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic"),
        **declared.empty("namePrefix", "secondaryIpsAutoAssignedPerSubnet", "subnetMappings"),
    }
    return Realised(arn, outputs)


@REGISTRY.realises("aws:lb/targetGroup:TargetGroup")
def target_group(declared: Declared) -> Realised:
    elb, inputs = declared.aws("elbv2"), declared.inputs
    made = elb.create_target_group(
        **declared.given("name", "vpcId", "port", "protocol", "targetType"),
        Tags=declared.tag_list(),
    )["TargetGroups"][0]
    arn = made["TargetGroupArn"]
    _watch(declared, arn)
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=_attributes(inputs, _GROUP_ATTRIBUTES))
    outputs = {
        "arn": arn,
        "arnSuffix": arn.rpartition(":")[2],
        "ipAddressType": made.get("IpAddressType", "ipv4"),
        "protocolVersion": made.get("ProtocolVersion", "HTTP1"),
        **declared.empty("connectionTermination", "loadBalancerArns", "loadBalancingAnomalyMitigation"),
        **declared.empty("loadBalancingCrossZoneEnabled", "namePrefix", "preserveClientIp", "targetFailovers"),
        **declared.empty("targetGroupHealth", "targetHealthStates"),
    }
    return Realised(arn, outputs)


@REGISTRY.realises("aws:lb/listener:Listener")
def listener(declared: Declared) -> Realised:
    inputs = declared.inputs
    certificates = [{"CertificateArn": inputs["certificateArn"]}] if "certificateArn" in inputs else []
    made = declared.aws("elbv2").create_listener(
        **declared.given("loadBalancerArn", "port", "protocol", "sslPolicy"),
        **({"Certificates": certificates} if certificates else {}),
        DefaultActions=[_action(action) for action in inputs["defaultActions"]],
        Tags=declared.tag_list(),
    )["Listeners"][0]
    silent = [name for name in declared.promised() if name.startswith("routingHttp")]
    outputs = {
        "arn": made["ListenerArn"],
        "sslPolicy": inputs.get("sslPolicy", ""),
        **declared.empty("mutualAuthentication", "tcpIdleTimeoutSeconds", *silent),
    }
    return Realised(made["ListenerArn"], outputs)


@REGISTRY.realises("aws:lb/listenerRule:ListenerRule")
def listener_rule(declared: Declared) -> Realised:
    inputs = declared.inputs
    made = declared.aws("elbv2").create_rule(
        **declared.given("listenerArn", "priority"),
        Conditions=[_condition(condition) for condition in inputs["conditions"]],
        Actions=[_action(action) for action in inputs["actions"]],
        Tags=declared.tag_list(),
    )["Rules"][0]
    return Realised(made["RuleArn"], {"arn": made["RuleArn"]})


def _watch(declared: Declared, arn: str) -> None:
    """In a second step and unchecked: a rehearsal looks at its targets more often than AWS lets a new group do."""
    check = declared.inputs["healthCheck"]
    declared.aws.unchecked("elbv2").modify_target_group(
        TargetGroupArn=arn,
        **{name: check[key] for key, name in _HEALTH.items() if check.get(key) is not None},
        Matcher={"HttpCode": check["matcher"]},
    )


def _attributes(inputs: Mapping[str, Any], names: Mapping[str, str]) -> list[dict[str, str]]:
    found = {name: inputs[key] for key, name in names.items() if inputs.get(key) is not None}
    return [{"Key": name, "Value": _text(value)} for name, value in found.items()]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _action(action: Mapping[str, Any]) -> dict[str, Any]:
    """A single target group is written as a forward with one group, as AWS itself shows it."""
    if "fixedResponse" in action:
        answer = action["fixedResponse"]
        names = {"statusCode": "StatusCode", "contentType": "ContentType", "messageBody": "MessageBody"}
        return {"Type": "fixed-response", "FixedResponseConfig": {names[key]: value for key, value in answer.items()}}
    if "targetGroupArn" in action:
        return {"Type": "forward", "TargetGroupArn": action["targetGroupArn"]}
    groups = [
        {"TargetGroupArn": group["arn"], "Weight": int(group["weight"])} for group in action["forward"]["targetGroups"]
    ]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def _condition(condition: Mapping[str, Any]) -> dict[str, Any]:
    if "pathPattern" in condition:
        return {"Field": "path-pattern", "PathPatternConfig": {"Values": list(condition["pathPattern"]["values"])}}
    header = condition["httpHeader"]
    config = {"HttpHeaderName": header["httpHeaderName"], "Values": list(header["values"])}
    return {"Field": "http-header", "HttpHeaderConfig": config}
