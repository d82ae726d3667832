"""A certificate of one's own and the name, which no rehearsal declares: each alone, against moto."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from rehearsal.provision.clients import Clients
from rehearsal.provision.realisations import domain
from rehearsal.provision.registry import Declared, Realised

CERTIFICATE, RECORD = "aws:acm/certificate:Certificate", "aws:route53/record:Record"


@pytest.fixture
def aws(endpoint: str) -> Clients:
    return Clients(endpoint, "us-east-1")


@pytest.fixture
def zone_id(client: Callable[[str], Any]) -> str:
    made = client("route53").create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]
    return str(made["Id"]).rpartition("/")[2]


def record(aws: Clients, **inputs: Any) -> Realised:
    return domain.record(Declared(RECORD, "r", inputs, {}, aws, {}))


def test_a_requested_certificate_says_which_record_proves_the_name(aws: Clients) -> None:
    inputs = {"domainName": "llm.example.com", "validationMethod": "DNS", "keyAlgorithm": "RSA_2048"}
    made = domain.certificate(Declared(CERTIFICATE, "c", inputs, {"Project": "switchyard"}, aws, {}))
    (option,) = made.outputs["domainValidationOptions"]
    assert option["domainName"] == "llm.example.com"
    assert option["resourceRecordType"] == "CNAME"
    assert option["resourceRecordName"] and option["resourceRecordValue"]
    assert made.outputs["arn"] == made.id and ":certificate/" in made.id


def test_a_proof_may_be_there_already_and_an_alias_may_not(
    aws: Clients, client: Callable[[str], Any], zone_id: str
) -> None:
    proof = {"zoneId": zone_id, "name": "_p.llm.example.com.", "type": "CNAME", "ttl": 300, "records": ["_v.aws."]}
    for _ in range(2):
        assert record(aws, **proof, allowOverwrite=True).outputs["fqdn"] == "_p.llm.example.com"
    target = {"name": "door.elb.amazonaws.com", "zoneId": "Z2P70J7EXAMPLE", "evaluateTargetHealth": False}
    record(aws, zoneId=zone_id, name="llm.example.com", type="A", aliases=[target])
    found = client("route53").list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    sets = {one["Name"]: one for one in found}
    assert sets["llm.example.com."]["AliasTarget"]["DNSName"].startswith("door.elb.amazonaws.com")
    with pytest.raises(ClientError, match="already exists"):
        record(aws, zoneId=zone_id, name="llm.example.com", type="A", aliases=[target])


class Acm:
    """Issues a certificate at the third look."""

    region = "us-east-1"

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self, service: str) -> "Acm":
        return self

    def describe_certificate(self, CertificateArn: str) -> dict[str, Any]:
        self.looks += 1
        return {"Certificate": {"Status": "ISSUED" if self.looks > 2 else "PENDING_VALIDATION"}}


def test_who_waits_for_a_certificate_waits_until_it_is_issued() -> None:
    acm = Acm()
    inputs = {"certificateArn": "arn:c"}
    declared = Declared("aws:acm/certificateValidation:CertificateValidation", "v", inputs, {}, cast(Clients, acm), {})
    assert domain.certificate_validation(declared).id == "arn:c"
    assert acm.looks == 3
