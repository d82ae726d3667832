"""Controls of buckets."""

import json
from typing import Any

from tests.stacks.controls.control import change, control, every, inside, without
from tests.stacks.declared import Program

_CLOSED = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def buckets(program: Program) -> set[str]:
    """By logical name; what belongs to one starts with it."""
    return {found.name for found in every(program, "Bucket")}


def covered(program: Program, kind: str) -> set[str]:
    return {bucket for bucket in buckets(program) for found in program.of(kind) if found.name.startswith(f"{bucket}-")}


def policies(program: Program) -> list[list[dict[str, Any]]]:
    return [json.loads(found.inputs["policy"])["Statement"] for found in every(program, "BucketPolicy")]


@control("S3.2, S3.3", broken=lambda program: _allow_everybody(program))
def test_s3_2_no_policy_lets_everybody_in(program: Program) -> None:
    for statement in [statement for document in policies(program) for statement in document]:
        assert statement["Effect"] == "Deny" or statement["Principal"] not in ("*", {"AWS": "*"})


def _allow_everybody(program: Program) -> None:
    document = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
    program.of("BucketPolicy")[0].inputs["policy"] = json.dumps(document)


@control("S3.5", broken=change("BucketPolicy", policy='{"Statement": []}'))
def test_s3_5_buckets_refuse_what_comes_without_tls(program: Program) -> None:
    assert covered(program, "BucketPolicy") == buckets(program)
    for document in policies(program):
        plain = [s for s in document if s.get("Condition", {}).get("Bool") == {"aws:SecureTransport": "false"}]
        assert plain and all(s["Effect"] == "Deny" and s["Action"] == "s3:*" for s in plain)


def _foreign(program: Program) -> None:
    stranger = {"AWS": "arn:aws:iam::999999999999:root"}
    document = {"Statement": [{"Effect": "Allow", "Principal": stranger, "Action": "s3:PutObject", "Resource": "*"}]}
    program.of("BucketPolicy")[0].inputs["policy"] = json.dumps(document)


@control("S3.6", broken=_foreign)
def test_s3_6_no_other_account_is_named(program: Program) -> None:
    for statement in [statement for document in policies(program) for statement in document]:
        assert statement["Effect"] == "Deny" or set(statement["Principal"]) == {"Service"}


@control("S3.8", broken=change("BucketPublicAccessBlock", blockPublicPolicy=False))
def test_s3_8_buckets_block_public_access(program: Program) -> None:
    assert covered(program, "BucketPublicAccessBlock") == buckets(program)
    assert all(found.inputs[key] is True for found in program.of("BucketPublicAccessBlock") for key in _CLOSED)


@control("S3.9", broken=without("BucketLogging"))
def test_s3_9_buckets_other_than_the_log_bucket_log_who_reads_them(program: Program) -> None:
    assert covered(program, "BucketLogging") == {name for name in buckets(program) if not name.endswith("logs")}


@control("S3.12", broken=inside("BucketOwnershipControls", "rule", objectOwnership="ObjectWriter"))
def test_s3_12_nobody_gets_access_by_acl(program: Program) -> None:
    assert covered(program, "BucketOwnershipControls") == buckets(program)
    owners = {found.inputs["rule"]["objectOwnership"] for found in program.of("BucketOwnershipControls")}
    assert owners == {"BucketOwnerEnforced"}


@control("S3.13", broken=without("BucketLifecycleConfiguration"))
def test_s3_13_buckets_have_a_lifecycle(program: Program) -> None:
    assert covered(program, "BucketLifecycleConfiguration") == buckets(program)
