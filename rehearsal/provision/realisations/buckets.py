"""Buckets, and what each of them is told about itself."""

from typing import Any

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:s3/bucket:Bucket")
def bucket(declared: Declared) -> Realised:
    s3, name = declared.aws("s3"), declared.inputs["bucket"]
    s3.create_bucket(Bucket=name, **_place(declared.aws.region))
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": declared.tag_list()})
    returned = {
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegion": declared.aws.region,
        "bucketRegionalDomainName": f"{name}.s3.{declared.aws.region}.amazonaws.com",
        "requestPayer": "BucketOwner",
    }
    silent = [
        output for output in declared.promised() if output not in {*returned, *declared.inputs, "region", "tagsAll"}
    ]
    return Realised(name, {**declared.empty(*silent), **returned})


@REGISTRY.realises("aws:s3/bucketPolicy:BucketPolicy")
def policy(declared: Declared) -> Realised:
    declared.aws("s3").put_bucket_policy(Bucket=_named(declared), Policy=declared.inputs["policy"])
    return Realised(_named(declared), {})


@REGISTRY.realises("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
def public_access_block(declared: Declared) -> Realised:
    wanted = declared.given("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    declared.aws("s3").put_public_access_block(Bucket=_named(declared), PublicAccessBlockConfiguration=wanted)
    return Realised(_named(declared), {})


@REGISTRY.realises("aws:s3/bucketOwnershipControls:BucketOwnershipControls")
def ownership_controls(declared: Declared) -> Realised:
    rules = [{"ObjectOwnership": declared.inputs["rule"]["objectOwnership"]}]
    declared.aws("s3").put_bucket_ownership_controls(Bucket=_named(declared), OwnershipControls={"Rules": rules})
    return Realised(_named(declared), {})


@REGISTRY.realises("aws:s3/bucketVersioning:BucketVersioning")
def versioning(declared: Declared) -> Realised:
    wanted = {"Status": declared.inputs["versioningConfiguration"]["status"]}
    declared.aws("s3").put_bucket_versioning(Bucket=_named(declared), VersioningConfiguration=wanted)
    return Realised(_named(declared), {})


@REGISTRY.realises("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
def encryption(declared: Declared) -> Realised:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": by["applyServerSideEncryptionByDefault"]["sseAlgorithm"]
            }
        }
        for by in declared.inputs["rules"]
    ]
    declared.aws("s3").put_bucket_encryption(
        Bucket=_named(declared), ServerSideEncryptionConfiguration={"Rules": rules}
    )
    return Realised(_named(declared), {})


@REGISTRY.realises("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
def lifecycle(declared: Declared) -> Realised:
    rules = [_rule(rule) for rule in declared.inputs["rules"]]
    declared.aws("s3").put_bucket_lifecycle_configuration(
        Bucket=_named(declared), LifecycleConfiguration={"Rules": rules}
    )
    return Realised(_named(declared), declared.empty("expectedBucketOwner", "transitionDefaultMinimumObjectSize"))


@REGISTRY.realises("aws:s3/bucketLogging:BucketLogging")
def logging(declared: Declared) -> Realised:
    target = declared.given("targetBucket", "targetPrefix")
    declared.aws("s3").put_bucket_logging(Bucket=_named(declared), BucketLoggingStatus={"LoggingEnabled": target})
    return Realised(_named(declared), {})


def _named(declared: Declared) -> str:
    return str(declared.inputs["bucket"])


def _place(region: str) -> dict[str, Any]:
    """S3's oldest region is the one that must not be named."""
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"ID": rule["id"], "Status": rule["status"], "Filter": {"Prefix": rule["filter"]["prefix"]}}
    days = rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"]
    made["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    if "noncurrentVersionExpiration" in rule:
        old = rule["noncurrentVersionExpiration"]["noncurrentDays"]
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": old}
    expiration = rule["expiration"]
    names = {"days": "Days", "expiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"}
    made["Expiration"] = {names[key]: value for key, value in expiration.items()}
    return made
