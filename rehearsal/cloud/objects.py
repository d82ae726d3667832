"""S3's REST requests: which action IAM asks for, and on which resource. Pure.

Knows buckets that are named in the path, as SDKs name them on a loopback address. Actions are IAM's, not operations of
the API: HeadObject needs s3:GetObject, ListObjectsV2 needs s3:ListBucket (Amazon S3 user guide, "Required permissions
for Amazon S3 API operations"). What is not known here is `unknown`, which no policy allows. What a copy reads is not
seen: it stands in a header.
"""

from collections.abc import Mapping
from urllib.parse import parse_qs

_UNKNOWN = "unknown"
# Of a whole account, a bucket, an object; by method, and by what the query asks for beside the thing itself.
_ACCOUNT = {("GET", ""): "ListAllMyBuckets"}
_BUCKET = {
    ("GET", ""): "ListBucket",
    ("HEAD", ""): "ListBucket",
    ("PUT", ""): "CreateBucket",
    ("DELETE", ""): "DeleteBucket",
    ("GET", "list-type"): "ListBucket",
    ("GET", "versions"): "ListBucketVersions",
    ("GET", "uploads"): "ListBucketMultipartUploads",
    ("GET", "location"): "GetBucketLocation",
    ("GET", "versioning"): "GetBucketVersioning",
    ("GET", "policy"): "GetBucketPolicy",
    ("GET", "encryption"): "GetEncryptionConfiguration",
    ("GET", "publicAccessBlock"): "GetBucketPublicAccessBlock",
    ("POST", "delete"): "DeleteObject",
}
_OBJECT = {
    ("GET", ""): "GetObject",
    ("HEAD", ""): "GetObject",
    ("GET", "versionId"): "GetObjectVersion",
    ("HEAD", "versionId"): "GetObjectVersion",
    ("PUT", ""): "PutObject",
    ("POST", "uploads"): "PutObject",
    ("PUT", "uploadId"): "PutObject",
    ("POST", "uploadId"): "PutObject",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("DELETE", ""): "DeleteObject",
    ("DELETE", "versionId"): "DeleteObjectVersion",
}
# Parameters that say how and not what: pages of a listing, an operation's own name, how the answer is written.
_MANNERS = (
    *("prefix", "delimiter", "max-", "continuation-", "start-after", "marker", "key-marker", "version-id-marker"),
    *("encoding-type", "fetch-owner", "partNumber", "response-", "x-id"),
)


def action(method: str, path: str, query: str) -> str:
    """IAM's action without `s3:`."""
    bucket, _, key = path.lstrip("/").partition("/")
    asked = [name for name in parse_qs(query, keep_blank_values=True) if not name.startswith(_MANNERS)]
    known: Mapping[tuple[str, str], str] = _OBJECT if key else _BUCKET if bucket else _ACCOUNT
    return known.get((method, "&".join(asked)), _UNKNOWN)


def resource(path: str, action: str, partition: str) -> tuple[str, ...]:
    """The bucket's or the object's ARN. None for an account, and for objects that only the body names."""
    bucket, _, key = path.lstrip("/").partition("/")
    if not bucket or (action == "DeleteObject" and not key):
        return ()
    return (f"arn:{partition}:s3:::{bucket}/{key}" if key else f"arn:{partition}:s3:::{bucket}",)
