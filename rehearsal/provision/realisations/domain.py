"""Certificates, and records in a zone. A rehearsal brings its own certificate and has no zone, so it makes none."""

import time
from typing import Any

from rehearsal.provision.errors import ProvisionError
from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()

_ISSUED_WITHIN_SECONDS = 120.0
_LOOK_AGAIN_SECONDS = 0.2


@REGISTRY.realises("aws:acm/certificate:Certificate")
def certificate(declared: Declared) -> Realised:
    acm = declared.aws("acm")
    wanted = declared.given("domainName", "validationMethod", "keyAlgorithm")
    arn = acm.request_certificate(**wanted, Tags=declared.tag_list())["CertificateArn"]
    made = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    outputs = {
        "arn": arn,
        "domainValidationOptions": [_validation(option) for option in made["DomainValidationOptions"]],
        "status": made["Status"],
        "type": made["Type"],
        "subjectAlternativeNames": made.get("SubjectAlternativeNames", []),
        **declared.empty("notAfter", "notBefore", "options", "pendingRenewal", "renewalEligibility"),
        **declared.empty("renewalSummaries", "validationEmails"),
    }
    return Realised(arn, outputs)


@REGISTRY.realises("aws:acm/certificateValidation:CertificateValidation")
def certificate_validation(declared: Declared) -> Realised:
    """Waits until the certificate is issued. moto does so after a time, whatever the zone holds."""
    arn = declared.inputs["certificateArn"]
    deadline = time.monotonic() + _ISSUED_WITHIN_SECONDS
    while _status(declared, arn) != "ISSUED":
        if time.monotonic() > deadline:
            raise ProvisionError(f"certificate {arn} was not issued within {_ISSUED_WITHIN_SECONDS:.0f} s")
        time.sleep(_LOOK_AGAIN_SECONDS)
    return Realised(arn, {})


@REGISTRY.realises("aws:route53/record:Record")
def record(declared: Declared) -> Realised:
    inputs = declared.inputs
    verb = "UPSERT" if inputs.get("allowOverwrite") else "CREATE"
    change = {"Action": verb, "ResourceRecordSet": _record_set(declared)}
    declared.aws("route53").change_resource_record_sets(
        HostedZoneId=inputs["zoneId"], ChangeBatch={"Changes": [change]}
    )
    name = inputs["name"].rstrip(".")
    outputs = {"fqdn": name, "allowOverwrite": bool(inputs.get("allowOverwrite"))}
    return Realised(f"{inputs['zoneId']}_{name}_{inputs['type']}", outputs)


def _status(declared: Declared, arn: str) -> str:
    found: str = declared.aws("acm").describe_certificate(CertificateArn=arn)["Certificate"]["Status"]
    return found


def _validation(option: dict[str, Any]) -> dict[str, str]:
    proof = option["ResourceRecord"]
    return {
        "domainName": option["DomainName"],
        "resourceRecordName": proof["Name"],
        "resourceRecordType": proof["Type"],
        "resourceRecordValue": proof["Value"],
    }


def _record_set(declared: Declared) -> dict[str, Any]:
    inputs = declared.inputs
    found: dict[str, Any] = {"Name": inputs["name"], "Type": inputs["type"]}
    if inputs.get("aliases"):
        (target,) = inputs["aliases"]
        alias = {"DNSName": target["name"], "HostedZoneId": target["zoneId"]}
        return {**found, "AliasTarget": {**alias, "EvaluateTargetHealth": target["evaluateTargetHealth"]}}
    return {**found, "TTL": inputs["ttl"], "ResourceRecords": [{"Value": value} for value in inputs["records"]]}
