"""S3: the bucket of Pulumi's state, an environment's buckets, what is in them, and emptying them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from scripts.aws.account_model import Bucket
from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.errors import AwsFailed

_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
# What DeleteObjects takes at once, and ListObjectVersions answers at once.
_VERSIONS_A_CALL = 1000


@dataclass(frozen=True)
class Contents:
    """The versions in a bucket, up to a thousand; `more` where there are further ones."""

    name: str
    versions: int
    size_bytes: int
    more: bool


def bucket(clients: Clients, name: str, account_id: str) -> Bucket | None:
    """None where nobody has the name. Raises AwsFailed with code 403 where somebody else has it."""
    owned = {"Bucket": name, "ExpectedBucketOwner": account_id}
    if _answer(clients, "HeadBucket", owned, absent=("404", "NoSuchBucket")) is None:
        return None
    versioning = _answer(clients, "GetBucketVersioning", owned) or {}
    public = _answer(clients, "GetPublicAccessBlock", owned, absent=("NoSuchPublicAccessBlockConfiguration",)) or {}
    encryption = (
        _answer(clients, "GetBucketEncryption", owned, absent=("ServerSideEncryptionConfigurationNotFoundError",)) or {}
    )
    policy = _answer(clients, "GetBucketPolicy", owned, absent=("NoSuchBucketPolicy",))
    block = public.get("PublicAccessBlockConfiguration", {})
    return Bucket(
        name=name,
        versioned=versioning.get("Status") == "Enabled",
        private=all(block.get(setting) for setting in _BLOCKS),
        key=_key(encryption),
        policy=json.loads(policy["Policy"]) if policy else None,
    )


def names(clients: Clients, prefix: str) -> tuple[str, ...]:
    """The account's buckets whose names begin so."""
    with translated("s3", "ListBuckets"):
        pages = clients.read("s3").get_paginator("list_buckets").paginate(Prefix=prefix)
        found = [entry["Name"] for page in pages for entry in page.get("Buckets", ())]
    return tuple(sorted(name for name in found if name.startswith(prefix)))


def has_object(clients: Clients, name: str, key: str) -> bool:
    """By a listing, which needs no right to read. HeadObject needs it, and says 403 of what is missing to whoever may
    not list (Amazon S3 API reference, HeadObject).
    """
    with translated("s3", "ListObjectsV2"):
        page = clients.read("s3").list_objects_v2(Bucket=name, Prefix=key, MaxKeys=1)
    return any(entry["Key"] == key for entry in page.get("Contents", ()))


def contents(clients: Clients, name: str) -> Contents:
    with translated("s3", "ListObjectVersions"):
        page = clients.read("s3").list_object_versions(Bucket=name, MaxKeys=_VERSIONS_A_CALL)
    return Contents(
        name,
        len(_identifiers(page)),
        sum(entry.get("Size", 0) for entry in page.get("Versions", ())),
        bool(page.get("IsTruncated")),
    )


def empty(clients: Clients, name: str) -> int:
    """Delete every version of everything; answers how many. A stop in between leaves less to delete."""
    return sum(_delete(clients, name, some) for some in _batches(clients, name))


def _batches(clients: Clients, name: str) -> Iterator[list[dict[str, str]]]:
    """Always the first page: what was there before is deleted when the next is asked for."""
    while True:
        with translated("s3", "ListObjectVersions"):
            page = clients.read("s3").list_object_versions(Bucket=name, MaxKeys=_VERSIONS_A_CALL)
        found = _identifiers(page)
        if not found:
            return
        yield found


def _delete(clients: Clients, name: str, versions: list[dict[str, str]]) -> int:
    with translated("s3", "DeleteObjects"):
        answer = clients.read("s3").delete_objects(Bucket=name, Delete={"Objects": versions, "Quiet": True})
    if failed := answer.get("Errors"):
        first = failed[0]
        raise AwsFailed(
            f"s3 DeleteObjects: {len(failed)} of {len(versions)} versions in {name} stay, "
            f"the first is {first.get('Key')}: {first.get('Message')}",
            str(first.get("Code", "")),
        )
    return len(versions)


def _identifiers(page: Mapping[str, Any]) -> list[dict[str, str]]:
    entries = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
    return [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]


def _key(encryption: Mapping[str, Any]) -> str | None:
    rules = encryption.get("ServerSideEncryptionConfiguration", {}).get("Rules", ())
    applied = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
    return next((found.get("KMSMasterKeyID", "") for found in applied if found.get("SSEAlgorithm") == "aws:kms"), None)


def _answer(
    clients: Clients, operation: str, parameters: Mapping[str, str], absent: tuple[str, ...] = ()
) -> dict[str, Any] | None:
    """None for the codes by which S3 says that there is nothing."""
    try:
        with translated("s3", operation):
            found: dict[str, Any] = getattr(clients.read("s3"), xform_name(operation))(**parameters)
            return found
    except AwsFailed as error:
        if error.code in absent:
            return None
        raise
