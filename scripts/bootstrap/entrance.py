"""Whether the host name can be served: a certificate that covers it, or a zone in which one can be validated. Pure."""

from scripts.aws.account_model import Certificate, Zone
from scripts.bootstrap.finding import Finding, Status

_ISSUED = "ISSUED"


def certificate(found: Certificate | None, arn: str, domain: str | None) -> Finding:
    if found is None:
        return Finding("certificate", Status.WRONG, f"{arn} does not exist", "aws acm list-certificates")
    if found.status != _ISSUED:
        says = f"{arn} is {found.status}, expected {_ISSUED}: create its validation record and wait"
        return Finding("certificate", Status.WRONG, says, f"aws acm describe-certificate --certificate-arn {arn}")
    names = ", ".join(found.names)
    if domain and not any(covers(name, domain) for name in found.names):
        return Finding("certificate", Status.WRONG, f"{arn} covers {names}, which does not include {domain}")
    return Finding("certificate", Status.OK, f"issued for {names}")


def zone(found: Zone | None, zone_id: str, domain: str | None) -> Finding:
    if found is None:
        return Finding("hosted zone", Status.WRONG, f"{zone_id} does not exist", "aws route53 list-hosted-zones")
    if found.private:
        return Finding(
            "hosted zone", Status.WRONG, f"{zone_id} ({found.name}) is private: clients could not see the name"
        )
    if domain and domain != found.name and not domain.endswith(f".{found.name}"):
        return Finding("hosted zone", Status.WRONG, f"{zone_id} is {found.name}, which is no parent of {domain}")
    return Finding("hosted zone", Status.OK, f"{found.name}; that its registrar delegates to it is not checked here")


def covers(name: str, domain: str) -> bool:
    """A wildcard stands for exactly one label."""
    return name == domain or (name.startswith("*.") and domain.partition(".")[2] == name[2:])
