"""The way in: name, certificate, who may come, how requests are routed to a colour."""

import re

from stacks.relations.rule import Rule, between


def _is_token(text: str) -> bool:
    """A rule's condition takes 128 characters at most (Elastic Load Balancing API reference)."""
    return re.fullmatch(r"[0-9a-f]{32,128}", text) is not None


RULES = (
    Rule(
        ("domainName",),
        lambda name: re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}|localhost", name) is not None,
        "expected a host name without scheme or path",
    ),
    Rule(
        ("certificateArn",),
        lambda arn: arn is None or (":certificate/" in arn and arn.startswith("arn:")),
        "expected a certificate's ARN",
    ),
    Rule(
        ("certificateArn", "region"),
        lambda arn, region: arn is None or arn.count(":") < 5 or arn.split(":")[3] == region,
        "the certificate must be in the region of the load balancer",
    ),
    Rule(
        ("certificateArn", "hostedZoneId"),
        lambda arn, zone: arn is not None or zone is not None,
        "one of the two is needed: the ARN of a certificate (aws acm list-certificates), or the Route 53 zone in which "
        "one may be validated (aws route53 list-hosted-zones)",
    ),
    Rule(
        ("hostedZoneId",),
        lambda zone: zone is None or re.fullmatch(r"Z[A-Z0-9]{6,31}", zone) is not None,
        "expected the id of a hosted zone, Z…",
    ),
    between(
        "peakRequestsPerSecond",
        *(1, 133_333),
        "the web firewall's limits are ten times this for a client and fifty times for an address, over five minutes, "
        "and AWS takes two thousand million at most",
    ),
    Rule(
        ("previewToken",),
        lambda token: _is_token(token),
        "expected at least 128 bits as lower-case hex: openssl rand -hex 32",
    ),
    Rule(
        ("previousPreviewToken",),
        lambda token: token is None or _is_token(token),
        "expected the token of before, at least 128 bits as lower-case hex",
    ),
    Rule(
        ("previewToken", "previousPreviewToken"),
        lambda token, previous: token != previous,
        "the previous token must be another one than the present",
    ),
)
