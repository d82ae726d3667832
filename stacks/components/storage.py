"""The two buckets: models, which vLLM hosts read, and logs, which AWS's services write.

Names carry the account's id, which an ARN tells; bucket names are shared by all accounts of AWS.
The state bucket of Pulumi itself is made by `fab stack.bootstrap`.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.accounts import account_of
from stacks.components.bucket import BucketArgs, PrivateBucket, private_bucket
from stacks.naming import Names
from stacks.policies.buckets import SERVER_LOG_PREFIX, log_target, private

# Long enough to notice that a model was overwritten or deleted by mistake.
_OLD_MODEL_DAYS = 30


@dataclass(frozen=True)
class StorageArgs:
    """Any ARN of the account with a region will do for `cluster_arn`."""

    names: Names
    cluster_arn: pulumi.Input[str]
    log_retention_days: int


class Storage(pulumi.ComponentResource):
    """`log_delivery` must exist before a load balancer or a flow log names the bucket, else AWS refuses it."""

    model_bucket_name: pulumi.Output[str]
    model_bucket_arn: pulumi.Output[str]
    log_bucket_name: pulumi.Output[str]
    log_bucket_arn: pulumi.Output[str]
    log_delivery: list[pulumi.Resource]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Storage", name, {}, opts)
        self._stem, self._args = name, args
        models = self._bucket("models", old_version_days=_OLD_MODEL_DAYS)
        logs = self._bucket("logs", expire_days=args.log_retention_days)
        self._policy("models", models, models.bucket.arn.apply(private))
        self.log_delivery = [self._policy("logs", logs, self._log_policy(logs.bucket, models.bucket))]
        self._log_reads(models.bucket, logs.bucket)
        self.model_bucket_name, self.model_bucket_arn = models.bucket.bucket, models.bucket.arn
        self.log_bucket_name, self.log_bucket_arn = logs.bucket.bucket, logs.bucket.arn
        self.register_outputs({"modelBucketName": self.model_bucket_name, "logBucketName": self.log_bucket_name})

    def _bucket(
        self, which: str, *, old_version_days: int | None = None, expire_days: int | None = None
    ) -> PrivateBucket:
        """Logs have no versions: each is written once, and a version would outlive the retention that is promised."""
        names = self._args.names
        aws_name = pulumi.Output.from_input(self._args.cluster_arn).apply(
            lambda arn: names.bucket(which, account_of(arn).account_id)
        )
        return private_bucket(f"{self._stem}-{which}", BucketArgs(aws_name, old_version_days, expire_days), self)

    def _policy(self, which: str, made: PrivateBucket, policy: pulumi.Input[str]) -> pulumi.Resource:
        written: pulumi.Resource = aws.s3.BucketPolicy(
            f"{self._stem}-{which}-policy",
            bucket=made.bucket.bucket,
            policy=policy,
            opts=pulumi.ResourceOptions(parent=self, depends_on=made.ready),
        )
        return written

    def _log_policy(self, logs: aws.s3.Bucket, models: aws.s3.Bucket) -> pulumi.Output[str]:
        arns = pulumi.Output.all(logs=logs.arn, models=models.arn, cluster=self._args.cluster_arn)
        return arns.apply(lambda arn: log_target(arn["logs"], account_of(arn["cluster"]), arn["models"]))

    def _log_reads(self, models: aws.s3.Bucket, logs: aws.s3.Bucket) -> None:
        """The log bucket logs nothing about itself: that would never end."""
        aws.s3.BucketLogging(
            f"{self._stem}-models-log",
            bucket=models.bucket,
            target_bucket=logs.bucket,
            target_prefix=SERVER_LOG_PREFIX,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self.log_delivery),
        )
