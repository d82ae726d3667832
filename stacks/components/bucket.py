"""One private bucket: no ACLs, nothing public, encrypted, with a lifecycle. Policy and logging are its owner's."""

from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

# An upload that has not ended after a week never will; its parts are paid for until then.
_BROKEN_UPLOAD_DAYS = 7
_BLOCKED = {
    "block_public_acls": True,
    "block_public_policy": True,
    "ignore_public_acls": True,
    "restrict_public_buckets": True,
}


@dataclass(frozen=True)
class BucketArgs:
    """`old_version_days` keeps what was overwritten or deleted for so long; without it there are no versions.
    `expire_days` is when an object goes."""

    aws_name: pulumi.Input[str]
    old_version_days: int | None = None
    expire_days: int | None = None


@dataclass(frozen=True)
class PrivateBucket:
    """`ready` must exist before a policy does: S3 refuses two changes of one bucket at once."""

    bucket: aws.s3.Bucket
    ready: list[pulumi.Resource] = field(default_factory=list)


def private_bucket(name: str, args: BucketArgs, parent: pulumi.Resource) -> PrivateBucket:
    """A protected bucket, encrypted with S3's own keys: load balancers write to no other kind."""
    child = pulumi.ResourceOptions(parent=parent)
    bucket = aws.s3.Bucket(
        name,
        bucket=args.aws_name,
        force_destroy=False,
        opts=pulumi.ResourceOptions(parent=parent, protect=True),
    )
    owner = aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced")
    closed = [
        aws.s3.BucketOwnershipControls(f"{name}-ownership", bucket=bucket.bucket, rule=owner, opts=child),
        aws.s3.BucketPublicAccessBlock(f"{name}-closed", bucket=bucket.bucket, opts=child, **_BLOCKED),
    ]
    _encrypt(name, bucket, child)
    _age(name, args, bucket, _versions(name, args, bucket, child), parent)
    return PrivateBucket(bucket, closed)


def _encrypt(name: str, bucket: aws.s3.Bucket, opts: pulumi.ResourceOptions) -> None:
    by = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256"
    )
    rule = aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(apply_server_side_encryption_by_default=by)
    aws.s3.BucketServerSideEncryptionConfiguration(f"{name}-encryption", bucket=bucket.bucket, rules=[rule], opts=opts)


def _versions(
    name: str, args: BucketArgs, bucket: aws.s3.Bucket, opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    if args.old_version_days is None:
        return []
    on = aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled")
    return [aws.s3.BucketVersioning(f"{name}-versions", bucket=bucket.bucket, versioning_configuration=on, opts=opts)]


def _age(
    name: str, args: BucketArgs, bucket: aws.s3.Bucket, versions: list[pulumi.Resource], parent: pulumi.Resource
) -> None:
    """One rule for the whole bucket. A rule about old versions means nothing before there are versions."""
    rule = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="age",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=_BROKEN_UPLOAD_DAYS
        ),
        expiration=_expiration(args),
        noncurrent_version_expiration=_old_versions(args),
    )
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=bucket.bucket,
        rules=[rule],
        opts=pulumi.ResourceOptions(parent=parent, depends_on=versions),
    )


def _expiration(args: BucketArgs) -> aws.s3.BucketLifecycleConfigurationRuleExpirationArgs | None:
    """Without an age of its own, a deleted object whose versions are gone leaves only its marker: that goes too."""
    if args.expire_days is not None:
        return aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=args.expire_days)
    return aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True)


def _old_versions(
    args: BucketArgs,
) -> aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs | None:
    if args.old_version_days is None:
        return None
    return aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(noncurrent_days=args.old_version_days)
