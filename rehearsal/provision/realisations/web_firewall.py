"""The web firewall: its rules and its log are stored, and asked by nobody, because Envoy stands for the load balancer.

Sent through the SDK's own check of parameters, so a rule that AWS's API has no shape for does not get through. moto
keeps no data protection and computes no capacity.
"""

import json
from typing import Any

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:wafv2/webAcl:WebAcl")
def web_acl(declared: Declared) -> Realised:
    inputs = declared.inputs
    waf, scope = declared.aws("wafv2"), inputs["scope"]
    made = waf.create_web_acl(
        Name=inputs["name"],
        Scope=scope,
        Description=inputs["description"],
        DefaultAction={"Allow": {}},
        Rules=json.loads(inputs["ruleJson"]),
        CustomResponseBodies={body["key"]: _body(body) for body in inputs["customResponseBodies"]},
        DataProtectionConfig={"DataProtections": [_protection(one) for one in _protections(inputs)]},
        VisibilityConfig=_visibility(inputs["visibilityConfig"]),
        Tags=declared.tag_list(),
    )["Summary"]
    whole = waf.get_web_acl(Name=inputs["name"], Scope=scope, Id=made["Id"])["WebACL"]
    outputs = {
        "arn": made["ARN"],
        "capacity": whole["Capacity"],
        "lockToken": made["LockToken"],
        **declared.empty("applicationIntegrationUrl", "namePrefix"),
    }
    return Realised(made["Id"], outputs)


@REGISTRY.realises("aws:wafv2/webAclAssociation:WebAclAssociation")
def association(declared: Declared) -> Realised:
    acl, resource = declared.inputs["webAclArn"], declared.inputs["resourceArn"]
    declared.aws("wafv2").associate_web_acl(WebACLArn=acl, ResourceArn=resource)
    return Realised(f"{acl},{resource}", {})


@REGISTRY.realises("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
def logging_configuration(declared: Declared) -> Realised:
    inputs = declared.inputs
    wanted = {
        "ResourceArn": inputs["resourceArn"],
        "LogDestinationConfigs": inputs["logDestinationConfigs"],
        "RedactedFields": [{"SingleHeader": {"Name": one["singleHeader"]["name"]}} for one in inputs["redactedFields"]],
        "LoggingFilter": {
            "DefaultBehavior": inputs["loggingFilter"]["defaultBehavior"],
            "Filters": [_filter(one) for one in inputs["loggingFilter"]["filters"]],
        },
    }
    declared.aws("wafv2").put_logging_configuration(LoggingConfiguration=wanted)
    return Realised(inputs["resourceArn"], {})


def _body(body: dict[str, str]) -> dict[str, str]:
    return {"ContentType": body["contentType"], "Content": body["content"]}


def _protections(inputs: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = inputs["dataProtectionConfig"]["dataProtections"]
    return found


def _protection(one: dict[str, Any]) -> dict[str, Any]:
    keys = one["field"].get("fieldKeys")
    field = {"FieldType": one["field"]["fieldType"], **({"FieldKeys": keys} if keys else {})}
    return {
        "Field": field,
        "Action": one["action"],
        "ExcludeRateBasedDetails": one["excludeRateBasedDetails"],
        "ExcludeRuleMatchDetails": one["excludeRuleMatchDetails"],
    }


def _visibility(seen: dict[str, Any]) -> dict[str, Any]:
    return {
        "CloudWatchMetricsEnabled": seen["cloudwatchMetricsEnabled"],
        "SampledRequestsEnabled": seen["sampledRequestsEnabled"],
        "MetricName": seen["metricName"],
    }


def _filter(one: dict[str, Any]) -> dict[str, Any]:
    conditions = [{"ActionCondition": {"Action": found["actionCondition"]["action"]}} for found in one["conditions"]]
    return {"Behavior": one["behavior"], "Requirement": one["requirement"], "Conditions": conditions}
