"""Who may use the alert topic and the key that encrypts it: resource policies as plain data. Pure."""

import json
from typing import Any

from stacks.accounts import Account

# Who tells of something: alarms, and the budget. AWS's own key for topics would let neither publish.
PUBLISHERS = ("cloudwatch.amazonaws.com", "budgets.amazonaws.com")


def topic_policy(account: Account, topic_arn: str) -> str:
    """Only the account's own alarms and budget publish, and only over TLS."""
    publish = {
        "Sid": "PublishAlerts",
        "Effect": "Allow",
        "Principal": {"Service": list(PUBLISHERS)},
        "Action": "sns:Publish",
        "Resource": topic_arn,
        "Condition": _own(account),
    }
    plain = {
        "Sid": "DenyWithoutTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": topic_arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return _document(publish, plain)


def key_policy(account: Account) -> str:
    """Administered through IAM in this account; the publishers encrypt with it and nobody else is named."""
    administer = {
        "Sid": "AdministerThroughIam",
        "Effect": "Allow",
        "Principal": {"AWS": account.root},
        "Action": "kms:*",
        "Resource": "*",
    }
    encrypt = {
        "Sid": "PublishersEncrypt",
        "Effect": "Allow",
        "Principal": {"Service": list(PUBLISHERS)},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": _own(account),
    }
    return _document(administer, encrypt)


def _own(account: Account) -> dict[str, Any]:
    return {"StringEquals": {"aws:SourceAccount": account.account_id}}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
