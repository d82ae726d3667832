"""S3's requests as IAM sees them: what each needs, and on what; what nobody knows is allowed to nobody."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.cloud import objects
from rehearsal.cloud.journal import Need
from rehearsal.cloud.server import Cloud

BUCKET, OBJECT = "arn:aws:s3:::models", "arn:aws:s3:::models/models/m@1/.complete"
KEY = "models/m@1/.complete"


@pytest.mark.parametrize(
    ("method", "path", "query", "action"),
    [
        ("GET", "/", "", "ListAllMyBuckets"),
        ("HEAD", "/models", "", "ListBucket"),
        ("GET", "/models", "list-type=2&prefix=models%2F&max-keys=1&encoding-type=url", "ListBucket"),
        ("GET", "/models", "versions&max-keys=1000", "ListBucketVersions"),
        ("GET", "/models", "policy", "GetBucketPolicy"),
        ("PUT", "/models", "", "CreateBucket"),
        ("HEAD", "/models/a/key", "", "GetObject"),
        ("GET", "/models/a/key", "x-id=GetObject", "GetObject"),
        ("GET", "/models/a/key", "versionId=3", "GetObjectVersion"),
        ("PUT", "/models/a/key", "", "PutObject"),
        ("PUT", "/models/a/key", "partNumber=1&uploadId=x", "PutObject"),
        ("DELETE", "/models/a/key", "uploadId=x", "AbortMultipartUpload"),
        ("DELETE", "/models/a/key", "", "DeleteObject"),
        ("POST", "/models", "delete", "DeleteObject"),
    ],
)
def test_a_request_needs_iams_action(method: str, path: str, query: str, action: str) -> None:
    assert objects.action(method, path, query) == action


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("PUT", "/models", "policy"),
        ("GET", "/models/a/key", "acl"),
        ("PATCH", "/models", ""),
        ("GET", "/models", "a&b"),
    ],
)
def test_what_is_not_known_is_no_action_that_a_policy_could_allow(method: str, path: str, query: str) -> None:
    assert objects.action(method, path, query) == "unknown"


@pytest.mark.parametrize(
    ("path", "action", "named"),
    [
        ("/", "ListAllMyBuckets", ()),
        ("/models", "ListBucket", (BUCKET,)),
        ("/models/", "ListBucket", (BUCKET,)),
        (f"/models/{KEY}", "GetObject", (OBJECT,)),
        ("/models", "DeleteObject", ()),
    ],
)
def test_a_bucket_and_an_object_are_resources_of_their_own(path: str, action: str, named: tuple[str, ...]) -> None:
    assert objects.resource(path, action, "aws") == named


def test_what_the_sdk_asks_of_s3_is_in_the_journal_with_its_resource(
    cloud: Cloud, client: Callable[[str], Any]
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key=KEY)
    assert s3.list_objects_v2(Bucket="models", Prefix=KEY, MaxKeys=1)["KeyCount"] == 1
    s3.head_object(Bucket="models", Key=KEY)
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket="models", Key="models/typo@1/.complete")
    assert cloud.calls.needs("deployer") == {
        Need("s3:CreateBucket", BUCKET),
        Need("s3:PutObject", OBJECT),
        Need("s3:ListBucket", BUCKET),
        Need("s3:GetObject", OBJECT),
        Need("s3:GetObject", "arn:aws:s3:::models/models/typo@1/.complete"),
    }
