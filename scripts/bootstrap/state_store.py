"""Where Pulumi keeps state: one bucket and one key an account and region, shared by all environments there. Pure.

What exists is completed and never replaced: a bucket policy of somebody else's keeps its statements.
"""

import json
from collections.abc import Mapping
from typing import Any

from scripts.aws.account_model import Bucket, Key
from scripts.aws.model import Call
from scripts.bootstrap.creation import MADE_KEY, Creation
from scripts.bootstrap.finding import Finding, Status
from stacks.accounts import Account
from stacks.naming import STATE_KEY_ALIAS, state_bucket

_TLS_ONLY = "SwitchyardTlsOnly"
_TAGS = [{"TagKey": "Project", "TagValue": "switchyard"}, {"TagKey": "ManagedBy", "TagValue": "stack.bootstrap"}]


def key(found: Key | None, monthly_usd: float | None) -> tuple[Finding, tuple[Creation, ...]]:
    """`monthly_usd` is the price of a key, None where the price table has none for the region."""
    cost = _cost(monthly_usd)
    if found is None:
        finding = Finding("state key", Status.TO_BE_MADE, f"{STATE_KEY_ALIAS} does not exist")
        return finding, (_make_key(cost),)
    if not found.enabled:
        says = f"{STATE_KEY_ALIAS} is not enabled: without it no state can be read"
        return Finding("state key", Status.WRONG, says, f"aws kms enable-key --key-id {found.arn}"), ()
    if not found.rotates:
        says = f"{STATE_KEY_ALIAS} is not rotated"
        rotate = Call("kms", "EnableKeyRotation", {"KeyId": found.arn})
        made = Creation("yearly rotation of the state key", "Rotating the state key every year", (rotate,), cost)
        return Finding("state key", Status.TO_BE_MADE, says), (made,)
    return Finding("state key", Status.OK, f"{STATE_KEY_ALIAS}, rotated every year"), ()


def bucket(found: Bucket | None, account: Account, key_arn: str | None) -> tuple[Finding, tuple[Creation, ...]]:
    """`key_arn` is None where the key is yet to be made."""
    name = state_bucket(account.account_id, account.region)
    lacking = _lacking(found, name, account, key_arn or MADE_KEY)
    what = ", ".join(lacking)
    if found is None:
        calls = (_create(name, account.region), *lacking.values())
        made = Creation(f"bucket {name}: {what}", f"Creating bucket {name}", calls, "its storage, cents a month")
        return Finding("state bucket", Status.TO_BE_MADE, f"{name} does not exist"), (made,)
    if lacking:
        made = Creation(f"{what}, for bucket {name}", f"Completing bucket {name}", tuple(lacking.values()))
        return Finding("state bucket", Status.TO_BE_MADE, f"{name} is not yet {what}"), (made,)
    return Finding("state bucket", Status.OK, f"{name}: private, versioned, encrypted with a key, TLS only"), ()


def taken(account: Account) -> Finding:
    name = state_bucket(account.account_id, account.region)
    return Finding("state bucket", Status.WRONG, f"{name} belongs to another account, or you may not look at it")


def with_tls_only(policy: Mapping[str, Any] | None, name: str, account: Account) -> dict[str, Any]:
    """The policy with one more statement: nobody comes in without TLS."""
    arn = f"arn:{account.partition}:s3:::{name}"
    statement = {
        "Sid": _TLS_ONLY,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", **(policy or {}), "Statement": [*_statements(policy), statement]}


def commands(environment: str, account: Account) -> tuple[str, str]:
    """How Pulumi is told to use both. The URL's parameters are those of Pulumi's guide to DIY backends."""
    region = account.region
    return (
        f"pulumi login 's3://{state_bucket(account.account_id, region)}?region={region}&awssdk=v2'",
        f"pulumi stack init {environment} --secrets-provider 'awskms://{STATE_KEY_ALIAS}?region={region}'",
    )


def _cost(monthly_usd: float | None) -> str:
    """KMS charges a rotated version like a key (AWS KMS pricing page, "Key storage")."""
    if monthly_usd is None:
        return "its price is not known for this region"
    return f"${monthly_usd:.2f} a month, and as much again after a yearly rotation"


def _make_key(cost: str) -> Creation:
    """A key without alias is found by nobody, so the alias follows at once."""
    description = "Switchyard: secrets in Pulumi's state, and the bucket that it lies in"
    return Creation(
        f"KMS key {STATE_KEY_ALIAS}",
        f"Creating key {STATE_KEY_ALIAS}",
        (
            Call("kms", "CreateKey", {"Description": description, "Tags": _TAGS}),
            Call("kms", "CreateAlias", {"AliasName": STATE_KEY_ALIAS, "TargetKeyId": MADE_KEY}),
            Call("kms", "EnableKeyRotation", {"KeyId": MADE_KEY}),
        ),
        cost,
    )


def _create(name: str, region: str) -> Call:
    """us-east-1 is where a bucket is made without saying so, and saying so is an error there (S3 API reference)."""
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    return Call("s3", "CreateBucket", {"Bucket": name, **place})


def _lacking(found: Bucket | None, name: str, account: Account, key_arn: str) -> dict[str, Call]:
    """What the bucket is not yet, with the call that makes it so."""
    owned = {"Bucket": name, "ExpectedBucketOwner": account.account_id}
    lacking: dict[str, Call] = {}
    if found is None or not found.private:
        lacking["private"] = Call("s3", "PutPublicAccessBlock", {**owned, **_PRIVATE})
    if found is None or not found.versioned:
        enabled = {"VersioningConfiguration": {"Status": "Enabled"}}
        lacking["versioned"] = Call("s3", "PutBucketVersioning", {**owned, **enabled})
    if found is None or found.key is None:
        lacking["encrypted with a key"] = Call("s3", "PutBucketEncryption", {**owned, **_encryption(key_arn)})
    if found is None or not _has_tls_only(found.policy):
        policy = json.dumps(with_tls_only(found.policy if found else None, name, account))
        lacking["TLS only"] = Call("s3", "PutBucketPolicy", {**owned, "Policy": policy})
    return lacking


_PRIVATE = {
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    }
}


def _encryption(key_arn: str) -> dict[str, Any]:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def _has_tls_only(policy: Mapping[str, Any] | None) -> bool:
    return any(_refuses_plain(statement) for statement in _statements(policy))


def _statements(policy: Mapping[str, Any] | None) -> list[Any]:
    found = (policy or {}).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _refuses_plain(statement: Mapping[str, Any]) -> bool:
    secure = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    everybody = statement.get("Principal") in ("*", {"AWS": "*"})
    return statement.get("Effect") == "Deny" and everybody and str(secure).lower() == "false"
