"""Both buckets are closed, and exactly three of AWS's services of this very account may write logs."""

from dataclasses import replace
from typing import Any

import pytest

from stacks.accounts import Account
from stacks.policies.buckets import log_target, private
from tests.stacks.bucket_access import Request, allowed
from tests.stacks.declared import Program

MINE, STRANGER = "111122223333", "444455556666"
LOGS, MODELS = "arn:aws:s3:::logs", "arn:aws:s3:::models"
POLICY = log_target(LOGS, Account("aws", "us-east-1", MINE), MODELS)
BALANCERS, FLOWS, BUCKETS = (
    "logdelivery.elasticloadbalancing.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logging.s3.amazonaws.com",
)
WHICH = ("models", "logs")


def balancer(account: str, key: str = f"AWSLogs/{MINE}/elasticloadbalancing/us-east-1/one.log.gz") -> Request:
    source = f"arn:aws:elasticloadbalancing:us-east-1:{account}:loadbalancer/app/production-public/0"
    return Request(BALANCERS, "s3:PutObject", f"{LOGS}/{key}", {"aws:SourceArn": source})


def flow(account: str, action: str = "s3:PutObject") -> Request:
    context = {
        "aws:SourceAccount": account,
        "aws:SourceArn": f"arn:aws:logs:us-east-1:{account}:*",
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
    place = f"{LOGS}/AWSLogs/{MINE}/vpcflowlogs/one.log.gz" if action == "s3:PutObject" else LOGS
    return Request(FLOWS, action, place, context)


def altered(made: Request, key: str, value: str) -> Request:
    return replace(made, context={**made.context, key: value})


def reads(bucket_arn: str, account: str = MINE) -> Request:
    context = {"aws:SourceAccount": account, "aws:SourceArn": bucket_arn}
    return Request(BUCKETS, "s3:PutObject", f"{LOGS}/s3/2026-11-25-one", context)


@pytest.mark.parametrize(
    "request_",
    [
        balancer(MINE),
        balancer(MINE, f"AWSLogs/{MINE}/ELBAccessLogTestFile"),
        flow(MINE),
        flow(MINE, "s3:GetBucketAcl"),
        reads(MODELS),
    ],
)
def test_each_service_may_deliver_the_logs_of_this_account(request_: Request) -> None:
    assert allowed(POLICY, request_)


@pytest.mark.parametrize(
    "request_",
    [
        balancer(STRANGER),
        balancer(MINE, f"AWSLogs/{STRANGER}/elasticloadbalancing/one.log.gz"),
        balancer(MINE, "s3/one"),
        flow(STRANGER),
        altered(flow(MINE), "aws:SourceAccount", STRANGER),
        altered(flow(MINE), "aws:SourceArn", f"arn:aws:logs:us-east-1:{STRANGER}:*"),
        altered(flow(MINE, "s3:GetBucketAcl"), "aws:SourceAccount", STRANGER),
        reads("arn:aws:s3:::another"),
        reads(MODELS, STRANGER),
    ],
)
def test_nobody_can_name_this_bucket_as_the_place_of_his_own_logs(request_: Request) -> None:
    assert not allowed(POLICY, request_)


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:DeleteObject"])
@pytest.mark.parametrize("made", [balancer(MINE), flow(MINE), reads(MODELS)])
def test_who_writes_logs_may_neither_read_nor_remove_them(made: Request, action: str) -> None:
    assert not allowed(POLICY, replace(made, action=action))


def test_the_logs_of_reads_stay_apart_from_the_others() -> None:
    assert not allowed(POLICY, replace(reads(MODELS), resource=balancer(MINE).resource))


@pytest.mark.parametrize("made", [balancer(MINE), flow(MINE), reads(MODELS)])
def test_plain_text_is_refused_even_to_who_may_write(made: Request) -> None:
    assert not allowed(POLICY, altered(made, "aws:SecureTransport", "false"))


def test_every_bucket_refuses_plain_text(program: Program) -> None:
    for which in WHICH:
        policy = program.one(f"storage-{which}-policy").inputs["policy"]
        assert '"Sid": "RefusePlainText", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*"' in policy
    assert '"Allow"' not in private(MODELS)


def test_buckets_are_closed_owned_encrypted_and_clean_up(program: Program) -> None:
    assert {found.name for found in program.of("Bucket")} == {"storage-models", "storage-logs"}
    for which in WHICH:
        closed = _settings(program, which, "closed")
        assert len(closed) == 5 and all(value is True for key, value in closed.items() if key != "bucket")
        assert _settings(program, which, "ownership")["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
        (encryption,) = _settings(program, which, "encryption")["rules"]
        assert encryption["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
        (rule,) = _settings(program, which, "lifecycle")["rules"]
        assert rule["status"] == "Enabled" and rule["filter"] == {"prefix": ""}
        assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_bucket_names_carry_the_environment_and_the_account(program: Program) -> None:
    for which in WHICH:
        name = program.one(f"storage-{which}").inputs["bucket"]
        assert name.startswith("switchyard-") and name.endswith(f"-{which}-{MINE}")
        assert program.one(f"storage-{which}").inputs["forceDestroy"] is False


def test_a_model_that_was_overwritten_or_deleted_can_be_had_back_for_a_month(program: Program) -> None:
    versions = program.one("storage-models-versions")
    assert versions.inputs["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = _settings(program, "models", "lifecycle")["rules"]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert rule["expiration"] == {"expiredObjectDeleteMarker": True}
    assert program.one("storage-models-lifecycle").depends_on == ["storage-models-versions"]


@pytest.mark.parametrize(("environment", "days"), [("rehearsal", 1), ("staging", 14), ("production", 90)])
def test_logs_go_when_their_retention_ends_and_leave_no_version(
    recorded: dict[str, Any], environment: str, days: int
) -> None:
    program = Program(recorded[environment])
    (rule,) = _settings(program, "logs", "lifecycle")["rules"]
    assert rule["expiration"] == {"days": days}
    assert [found.name for found in program.of("BucketVersioning")] == ["storage-models-versions"]


def test_reads_of_models_are_logged_and_the_log_bucket_does_not_log_itself(program: Program) -> None:
    (logging,) = program.of("BucketLogging")
    models, logs = (program.one(f"storage-{which}").inputs["bucket"] for which in WHICH)
    assert (logging.inputs["bucket"], logging.inputs["targetBucket"]) == (models, logs)
    assert logging.inputs["targetPrefix"] == "s3/"
    assert logging.depends_on == ["storage-logs-policy"]


def test_a_policy_waits_until_the_bucket_is_closed(program: Program) -> None:
    for which in WHICH:
        assert program.one(f"storage-{which}-policy").depends_on == [
            f"storage-{which}-closed",
            f"storage-{which}-ownership",
        ]


def test_the_manifest_names_both_buckets(program: Program) -> None:
    for which, key in (("models", "model_bucket"), ("logs", "log_bucket")):
        assert f'"{key}": "{program.one(f"storage-{which}").inputs["bucket"]}"' in program.outputs["manifest"]


def _settings(program: Program, which: str, what: str) -> dict[str, Any]:
    return program.one(f"storage-{which}-{what}").inputs
