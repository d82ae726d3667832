"""What the public door is called: certificates of ACM and hosted zones of Route 53."""

from scripts.aws.account_model import Certificate, Zone
from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.errors import AwsFailed


def certificate(clients: Clients, arn: str) -> Certificate | None:
    try:
        with translated("acm", "DescribeCertificate"):
            found = clients.read("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    except AwsFailed as error:
        if error.code in ("ResourceNotFoundException", "InvalidArnException"):
            return None
        raise
    names = (found["DomainName"], *found.get("SubjectAlternativeNames", ()))
    return Certificate(arn, found["Status"], tuple(dict.fromkeys(names)))


def zone(clients: Clients, zone_id: str) -> Zone | None:
    try:
        with translated("route53", "GetHostedZone"):
            found = clients.read("route53").get_hosted_zone(Id=zone_id)["HostedZone"]
    except AwsFailed as error:
        if error.code in ("NoSuchHostedZone", "InvalidInput"):
            return None
        raise
    return Zone(zone_id, found["Name"].rstrip("."), bool(found.get("Config", {}).get("PrivateZone")))
