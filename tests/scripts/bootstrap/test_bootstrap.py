"""The whole of `stack.bootstrap` against an empty account: looks, makes, and finds nothing to make the second time."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO

import pytest

from scripts.aws import keys
from scripts.aws.clients import Clients
from scripts.bootstrap import making, wanted, words
from scripts.bootstrap.finding import Status
from scripts.bootstrap.looking import Looked, look
from scripts.console import Console
from scripts.errors import AwsFailed, HalfWay
from stacks.naming import STATE_KEY_ALIAS
from tests.scripts.bootstrap.test_wanted import text
from tests.scripts.canned_answers import answer, quotas
from tests.scripts.moto_environment import clients

AGAIN = "fab stack.bootstrap --env staging"


@contextmanager
def account(vcpus: float = 64, fargate_vcpus: float = 64) -> Iterator[Clients]:
    with clients() as found:
        quotas(found, {("ec2", "L-DB2E81BA"): vcpus, ("fargate", "L-3032A538"): fargate_vcpus})
        answer(found, "ec2.GetEbsDefaultKmsKeyId", {"KmsKeyId": "alias/not-yet"})
        yield found


def looked(of: Clients, **settings: str) -> Looked:
    return look(of, wanted.judged("staging", text(**settings)), github=False, now=datetime.now(UTC))


def ready_settings(of: Clients) -> dict[str, str]:
    """An image, and a zone, whose ids moto makes up without Route 53's Z."""
    image = {
        "Name": "al2023-ami-ecs-gpu-hvm-2023.0-kernel-6.1-x86_64-ebs",
        "Architecture": "x86_64",
        "ImageOwnerAlias": "amazon",
        "CreationDate": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
    }
    answer(of, "ec2.DescribeImages", {"Images": [image]})
    answer(of, "route53.GetHostedZone", {"HostedZone": {"Id": "/hostedzone/Z0123456789", "Name": "example.com."}})
    return {"gpuAmiId": "ami-0123456789abcdef0"}


def status(found: Looked, matter: str) -> Status:
    return next(finding.status for finding in found.findings if finding.matter == matter)


def make(of: Clients, found: Looked) -> str:
    said = StringIO()
    making.make(of, found.creations, Console(said, said, interactive=False), AGAIN)
    return said.getvalue()


def test_an_empty_account_becomes_ready_and_a_second_run_makes_nothing() -> None:
    with account() as found:
        settings = ready_settings(found)
        first = looked(found, githubRepository="example/llm", **settings)
        assert [
            status(first, matter) for matter in ("state key", "state bucket", "linked roles", "GitHub identity")
        ] == [Status.TO_BE_MADE] * 4
        assert "Creating key alias/switchyard-state" in make(found, first)
        second = looked(found, githubRepository="example/llm", **settings)
    assert second.creations == ()
    assert second.against == ()
    assert words.found_object(second, made=True)["ready"] is True


def test_the_bucket_is_private_versioned_tls_only_and_encrypted_with_the_very_key() -> None:
    with account() as found:
        make(found, looked(found))
        s3, bucket = found.read("s3"), "switchyard-state-123456789012-us-east-1"
        key = keys.key(found, STATE_KEY_ALIAS)
        assert key is not None and key.rotates
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key.arn}
        (statement,) = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
        assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")


def test_looking_changes_nothing() -> None:
    with account() as found:
        looked(found, githubRepository="example/llm")
        assert found.read("s3").list_buckets()["Buckets"] == []
        assert keys.key(found, STATE_KEY_ALIAS) is None
        assert found.read("iam").list_roles()["Roles"] == []


def test_what_a_permission_hides_is_said_and_hides_nothing_else() -> None:
    with account() as found:
        answer(found, "iam.ListRoles", error="AccessDenied")
        seen = looked(found)
        assert status(seen, "linked roles") is Status.NOT_KNOWN
        assert status(seen, "state bucket") is Status.TO_BE_MADE
        assert not any("Role" in creation.what for creation in seen.creations)


def test_a_bucket_of_somebody_else_is_not_touched() -> None:
    with account() as found:
        answer(found, "s3.HeadBucket", error="403")
        seen = looked(found)
        assert status(seen, "state bucket") is Status.WRONG
        assert not any(call.service == "s3" for creation in seen.creations for call in creation.calls)


def test_a_small_quota_stands_against_it() -> None:
    with account(vcpus=4) as found:
        assert status(looked(found), "GPU quota") is Status.WRONG
    with account(fargate_vcpus=1) as found:
        seen = looked(found)
        assert (status(seen, "GPU quota"), status(seen, "Fargate quota")) == (Status.OK, Status.WRONG)


def test_githubs_identities_are_accepted_only_where_asked_for() -> None:
    with account() as found:
        assert not any(finding.matter == "GitHub identity" for finding in looked(found).findings)
        asked = look(found, wanted.judged("staging", text()), github=True, now=datetime.now(UTC))
        assert status(asked, "GitHub identity") is Status.TO_BE_MADE


def test_a_role_that_somebody_made_meanwhile_is_no_error() -> None:
    with account() as found:
        seen = looked(found)
        found.read("iam").create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
        make(found, seen)
        assert looked(found).creations == ()


def test_iams_own_words_for_a_role_that_exists_are_no_error_and_other_mistakes_are() -> None:
    taken = "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."
    with account() as found:
        answer(found, "iam.CreateServiceLinkedRole", error="InvalidInput", message=taken)
        make(found, looked(found))
    with account() as found, pytest.raises(HalfWay, match="InvalidInput"):
        answer(found, "iam.CreateServiceLinkedRole", error="InvalidInput", message="no such service")
        make(found, looked(found))


def test_a_stop_in_the_middle_says_what_was_made_and_the_next_run_goes_on() -> None:
    with account() as found:
        answer(found, "s3.PutBucketVersioning", error="OperationAborted")
        with pytest.raises(HalfWay, match=r"OperationAborted.*done before: kms CreateKey.*s3 CreateBucket") as stopped:
            make(found, looked(found))
        assert stopped.value.next_command == AGAIN
        (completing, *_) = looked(found).creations
        operations = [call.operation for call in completing.calls]
        assert operations[0] == "PutBucketVersioning"
        assert "CreateBucket" not in operations


def test_a_key_without_its_alias_is_not_made_twice() -> None:
    with account() as found:
        answer(found, "kms.CreateAlias", error="LimitExceededException")
        with pytest.raises(HalfWay, match="has no alias yet") as stopped:
            make(found, looked(found))
    assert stopped.value.next_command is not None
    assert stopped.value.next_command.startswith(
        f"aws kms create-alias --alias-name {STATE_KEY_ALIAS} --target-key-id arn"
    )


def test_a_refusal_before_the_first_change_is_a_plain_one() -> None:
    with account() as found:
        answer(found, "kms.CreateKey", error="AccessDeniedException")
        with pytest.raises(AwsFailed, match="AccessDenied"):
            make(found, looked(found))
