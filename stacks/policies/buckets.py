"""The policies of the environment's buckets: who may write logs, and that everybody speaks TLS. Pure.

Principals and conditions are AWS's own: Elastic Load Balancing user guide, "Enable access logs for your Application
Load Balancer"; VPC user guide, "Amazon S3 bucket permissions for flow logs"; S3 user guide, "Enabling Amazon S3 server
access logging". Each delivery is tied to this account, else a stranger could name this bucket as the place of his logs.
"""

import json
from typing import Any

from stacks.accounts import Account

SERVER_LOG_PREFIX = "s3/"
# Regions before August 2022 once took an account of AWS as the principal; this service stands for them all today.
_LOAD_BALANCERS = "logdelivery.elasticloadbalancing.amazonaws.com"
_FLOW_LOGS = "delivery.logs.amazonaws.com"
_SERVER_LOGS = "logging.s3.amazonaws.com"


def private(bucket_arn: str) -> str:
    """The policy of a bucket that only the account's own roles use."""
    return _document([_tls_only(bucket_arn)])


def log_target(bucket_arn: str, account: Account, logged_bucket_arn: str) -> str:
    """The policy of the bucket that the load balancers, the flow log and `logged_bucket_arn` write their logs to."""
    return _document(
        [
            _tls_only(bucket_arn),
            _load_balancers(bucket_arn, account),
            *_flow_logs(bucket_arn, account),
            _server_logs(bucket_arn, account, logged_bucket_arn),
        ]
    )


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _tls_only(bucket_arn: str) -> dict[str, Any]:
    return {
        "Sid": "RefusePlainText",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _load_balancers(bucket_arn: str, account: Account) -> dict[str, Any]:
    """Elastic Load Balancing tries a write when logs are switched on, so a refusal shows in `pulumi up`."""
    return _allow(
        "LoadBalancerLogs",
        _LOAD_BALANCERS,
        ["s3:PutObject"],
        _delivered(bucket_arn, account),
        {"ArnLike": {"aws:SourceArn": account.arn("elasticloadbalancing", "loadbalancer/*")}},
    )


def _flow_logs(bucket_arn: str, account: Account) -> list[dict[str, Any]]:
    """Word for word what AWS asks for: it rewrites the policy of a bucket where these are missing."""
    mine = {"aws:SourceAccount": account.account_id}
    source = {"ArnLike": {"aws:SourceArn": account.arn("logs", "*")}}
    owned = {"StringEquals": {**mine, "s3:x-amz-acl": "bucket-owner-full-control"}, **source}
    seen = {"StringEquals": mine, **source}
    return [
        _allow("AWSLogDeliveryWrite", _FLOW_LOGS, ["s3:PutObject"], _delivered(bucket_arn, account), owned),
        _allow("AWSLogDeliveryAclCheck", _FLOW_LOGS, ["s3:GetBucketAcl", "s3:ListBucket"], bucket_arn, seen),
    ]


def _server_logs(bucket_arn: str, account: Account, logged_bucket_arn: str) -> dict[str, Any]:
    return _allow(
        "BucketLogs",
        _SERVER_LOGS,
        ["s3:PutObject"],
        f"{bucket_arn}/{SERVER_LOG_PREFIX}*",
        {
            "ArnLike": {"aws:SourceArn": logged_bucket_arn},
            "StringEquals": {"aws:SourceAccount": account.account_id},
        },
    )


def _delivered(bucket_arn: str, account: Account) -> str:
    """Where load balancers and flow logs write when no prefix is set; their own names tell them apart below it."""
    return f"{bucket_arn}/AWSLogs/{account.account_id}/*"


def _allow(sid: str, service: str, actions: list[str], resource: str, condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
        "Resource": resource,
        "Condition": condition,
    }
