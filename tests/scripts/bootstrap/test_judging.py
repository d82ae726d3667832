"""What an account and settings must fulfil before the first `pulumi up`, judged without any account."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scripts.aws.account_model import Bucket, Certificate, Grant, Key, MachineImage, Zone
from scripts.bootstrap import disks, entrance, identities, image, people, quota, state_store
from scripts.bootstrap.finding import Finding, Status, table
from stacks.accounts import Account
from stacks.instance_types import INSTANCE_TYPES

ACCOUNT = Account("aws", "us-east-1", "123456789012")
XLARGE = INSTANCE_TYPES["g5.xlarge"]
NOW = datetime(2026, 11, 25, tzinfo=UTC)
KEY = Key("arn:aws:kms:us-east-1:123456789012:key/1", customer_managed=True, enabled=True, rotates=True)
ROLE = disks.autoscaling_role(ACCOUNT)
OPERATIONS = frozenset(
    (
        *("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
        *("DescribeKey", "CreateGrant"),
    )
)
# The two statements of the Auto Scaling guide.
USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


def allow(principal: Any, *actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}


@pytest.mark.parametrize(
    ("allowed", "status"),
    [(0, Status.WRONG), (15, Status.WRONG), (16, Status.WARNING), (23, Status.WARNING), (24, Status.OK)],
)
def test_the_quota_must_carry_both_colours_and_should_carry_every_host(allowed: float, status: Status) -> None:
    found = quota.hosts(allowed, XLARGE, minimum_count=2, maximum_hosts=6, region="us-east-1")
    assert found.status is status
    assert "a release needs 16" in found.says
    assert (found.next_command is None) == (status is Status.OK)
    assert found.next_command is None or "L-DB2E81BA --desired-value 24" in found.next_command


def test_a_host_with_four_gpus_carries_four_tasks() -> None:
    found = quota.hosts(48, INSTANCE_TYPES["g5.12xlarge"], minimum_count=2, maximum_hosts=1, region="us-east-1")
    assert found.status is Status.OK


@pytest.mark.parametrize(
    ("allowed", "status"),
    [(5, Status.WRONG), (6, Status.WARNING), (9, Status.WARNING), (10, Status.OK)],
)
def test_fargates_quota_must_carry_both_colours_and_should_carry_them_at_their_largest(
    allowed: float, status: Status
) -> None:
    found = quota.gateways(allowed, cpu_units=1024, minimum_count=3, maximum_count=5, region="eu-west-1")
    assert found.status is status
    assert "a release needs 6 (2 x 3 API tasks of 1024 CPU units), 2 x 5 tasks 10" in found.says
    wanted = "--service-code fargate --quota-code L-3032A538 --desired-value 10 --region eu-west-1"
    assert found.next_command is None if status is Status.OK else wanted in str(found.next_command)


def test_a_part_of_a_vcpu_is_asked_for_as_a_whole_one() -> None:
    found = quota.gateways(0, cpu_units=256, minimum_count=1, maximum_count=3, region="us-east-1")
    assert "a release needs 0.5" in found.says and found.next_command is not None
    assert "--desired-value 2 " in found.next_command


def test_every_zone_of_the_settings_must_offer_the_type() -> None:
    offering = ("us-east-1a", "us-east-1b", "us-east-1c")
    assert quota.zones(offering, ("us-east-1a", "us-east-1b"), "g5.xlarge").status is Status.OK
    found = quota.zones(offering, ("us-east-1a", "us-east-1e"), "g5.xlarge")
    assert found.status is Status.WRONG
    assert "us-east-1e do not offer g5.xlarge" in found.says
    assert quota.zones((), ("us-east-1a",), "g5.xlarge").status is Status.WRONG


@pytest.mark.parametrize(
    "policy",
    [
        {"Statement": [allow({"AWS": [ROLE]}, *USE), allow({"AWS": ROLE}, "kms:CreateGrant")]},
        {"Statement": [allow({"AWS": ROLE}, "kms:*")]},
        {"Statement": allow("*", "kms:*")},
    ],
)
def test_a_disk_key_whose_policy_names_the_role_is_fine(policy: dict[str, Any]) -> None:
    assert disks.judged(KEY, policy, (), ACCOUNT).status is Status.OK


def test_a_disk_key_with_the_guides_grant_is_fine() -> None:
    assert disks.judged(KEY, {}, (Grant(ROLE, OPERATIONS),), ACCOUNT).status is Status.OK


@pytest.mark.parametrize(
    ("policy", "grants"),
    [
        ({"Statement": [allow({"AWS": ACCOUNT.root}, "kms:*")]}, ()),
        ({"Statement": [allow({"AWS": ROLE}, *USE)]}, ()),
        ({"Statement": [{**allow({"AWS": ROLE}, "kms:*"), "Effect": "Deny"}]}, ()),
        ({}, (Grant(ROLE, OPERATIONS - {"CreateGrant"}),)),
        ({}, (Grant(ACCOUNT.root, OPERATIONS),)),
    ],
)
def test_a_disk_key_that_auto_scaling_may_not_use_says_the_exact_grant(
    policy: dict[str, Any], grants: tuple[Grant, ...]
) -> None:
    found = disks.judged(KEY, policy, grants, ACCOUNT)
    assert found.status is Status.WRONG
    assert found.next_command is not None
    assert f"--key-id {KEY.arn} --grantee-principal {ROLE} --operations Encrypt" in found.next_command


def an_image(**changes: Any) -> MachineImage:
    facts: dict[str, Any] = {
        "image_id": "ami-1",
        "name": "al2023-ami-ecs-gpu-hvm-2023.0.20261101-kernel-6.1-x86_64-ebs",
        "architecture": "x86_64",
        "owner_alias": "amazon",
        "created_at": NOW - timedelta(days=10),
        "deprecated_at": None,
    }
    return MachineImage(**{**facts, **changes})


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status.OK),
        ({"architecture": "arm64"}, Status.WRONG),
        ({"name": "al2023-ami-ecs-hvm-2023.0.20261101-kernel-6.1-x86_64"}, Status.WRONG),
        ({"owner_alias": ""}, Status.WRONG),
        ({"created_at": NOW - timedelta(days=image.OLD_DAYS)}, Status.OK),
        ({"created_at": NOW - timedelta(days=image.OLD_DAYS + 1)}, Status.WARNING),
        ({"deprecated_at": NOW}, Status.WARNING),
    ],
)
def test_the_image_is_amazons_gpu_image_for_x86_and_not_old(changes: dict[str, Any], status: Status) -> None:
    assert image.judged(an_image(**changes), "ami-1", "us-east-1", NOW).status is status


def test_an_image_that_is_not_there_says_how_to_find_one() -> None:
    found = image.judged(None, "ami-1", "eu-west-1", NOW)
    assert found.status is Status.WRONG
    assert found.next_command is not None
    assert "amazon-linux-2023/gpu/recommended" in found.next_command


@pytest.mark.parametrize(
    ("name", "domain", "covered"),
    [
        ("llm.example.com", "llm.example.com", True),
        ("*.example.com", "llm.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.llm.example.com", False),
        ("example.com", "llm.example.com", False),
    ],
)
def test_a_wildcard_covers_exactly_one_label(name: str, domain: str, covered: bool) -> None:
    assert entrance.covers(name, domain) is covered
    status = Status.OK if covered else Status.WRONG
    assert entrance.certificate(Certificate("arn:1", "ISSUED", (name,)), "arn:1", domain).status is status


def test_a_certificate_must_exist_and_be_issued() -> None:
    assert entrance.certificate(None, "arn:1", "llm.example.com").status is Status.WRONG
    pending = Certificate("arn:1", "PENDING_VALIDATION", ("llm.example.com",))
    assert "PENDING_VALIDATION" in entrance.certificate(pending, "arn:1", "llm.example.com").says


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (Zone("Z1", "example.com", private=False), Status.OK),
        (Zone("Z1", "llm.example.com", private=False), Status.OK),
        (Zone("Z1", "example.com", private=True), Status.WRONG),
        (Zone("Z1", "other.com", private=False), Status.WRONG),
        (Zone("Z1", "m.example.com", private=False), Status.WRONG),
        (None, Status.WRONG),
    ],
)
def test_the_zone_must_be_a_public_parent_of_the_name(found: Zone | None, status: Status) -> None:
    assert entrance.zone(found, "Z1", "llm.example.com").status is status


def test_what_the_state_bucket_lacks_is_added_and_nothing_else() -> None:
    complete = Bucket(
        "b", versioned=True, private=True, key=KEY.arn, policy=state_store.with_tls_only(None, "b", ACCOUNT)
    )
    finding, made = state_store.bucket(complete, ACCOUNT, KEY.arn)
    assert (finding.status, made) == (Status.OK, ())
    unversioned = Bucket("b", versioned=False, private=True, key=KEY.arn, policy=complete.policy)
    _, (completing,) = state_store.bucket(unversioned, ACCOUNT, KEY.arn)
    assert [call.operation for call in completing.calls] == ["PutBucketVersioning"]


def test_a_bucket_policy_of_somebody_keeps_its_statements() -> None:
    theirs = {"Version": "2012-10-17", "Id": "theirs", "Statement": allow({"AWS": ACCOUNT.root}, "s3:GetObject")}
    merged = state_store.with_tls_only(theirs, "b", ACCOUNT)
    assert merged["Id"] == "theirs"
    assert merged["Statement"][0] == theirs["Statement"]
    assert merged["Statement"][1]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_disabled_state_key_is_never_replaced_by_a_second() -> None:
    finding, made = state_store.key(Key(KEY.arn, True, enabled=False, rotates=False), 1)
    assert (finding.status, made) == (Status.WRONG, ())


@pytest.mark.parametrize(("price", "said"), [(1, "$1.00 a month"), (None, "not known for this region")])
def test_what_the_key_costs_is_said_before_it_is_made(price: float | None, said: str) -> None:
    _, (made,) = state_store.key(None, price)
    assert said in made.cost


def test_the_bucket_waits_for_the_key_that_is_made_with_it() -> None:
    _, (made,) = state_store.bucket(None, ACCOUNT, None)
    encryption = next(call for call in made.calls if call.operation == "PutBucketEncryption")
    assert "<the key made above>" in str(encryption.parameters)


def test_a_role_with_a_suffix_is_not_the_default_one() -> None:
    found = {role.service: [role.name] for role in identities.LINKED_ROLES}
    assert identities.linked(found)[0].status is Status.OK
    found["autoscaling.amazonaws.com"] = ["AWSServiceRoleForAutoScaling_other"]
    finding, (made,) = identities.linked(found)
    assert finding.status is Status.TO_BE_MADE
    assert made.calls[0].parameters == {"AWSServiceName": "autoscaling.amazonaws.com"}


def test_githubs_provider_is_made_once_and_completed_where_it_lacks_the_audience() -> None:
    hosts = (identities.GITHUB_HOST,)
    assert identities.github(hosts, (identities.GITHUB_AUDIENCE,), ACCOUNT)[1] == ()
    assert identities.github((), (), ACCOUNT)[1][0].calls[0].operation == "CreateOpenIDConnectProvider"
    assert identities.github(hosts, (), ACCOUNT)[1][0].calls[0].operation == "AddClientIDToOpenIDConnectProvider"


def test_alarms_that_reach_nobody_are_a_warning_and_not_more() -> None:
    assert people.alarms(()).status is Status.WARNING
    assert not people.alarms(()).stands_against


def test_the_table_wraps_words_and_never_a_command() -> None:
    command = "aws " + "x" * 200
    lines = table([Finding("a", Status.WRONG, "word " * 60, command)]).splitlines()
    assert len(lines) > 3
    assert lines[-1].endswith(command)
    assert max(map(len, lines[:-1])) <= 125
