"""Who we are, for how long, what rings, and whether the secrets are there. Never a secret's value but the smoke key."""

import json
import os
from datetime import UTC, datetime

from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.aws.model import Alarm
from stacks.accounts import Account

# CloudWatch answers alarms without their tags, so a blocking alarm says so in its description.
_BLOCKS = "blocks-release"
_EXPIRY_VARIABLE = "AWS_CREDENTIAL_EXPIRATION"


def identity(clients: Clients) -> str:
    """The caller, without the account's prefix: `assumed-role/deployer/ana`."""
    with translated("sts", "GetCallerIdentity"):
        arn = str(clients.read("sts").get_caller_identity()["Arn"])
    return arn.rsplit(":", 1)[-1]


def home(clients: Clients) -> Account:
    """The account and region that the credentials work in."""
    with translated("sts", "GetCallerIdentity"):
        found = clients.read("sts").get_caller_identity()
    return Account(str(found["Arn"]).split(":")[1], clients.region, str(found["Account"]))


def credentials_left_seconds(clients: Clients) -> float | None:
    """How long the credentials still live; None when they refresh themselves or do not say."""
    credentials = clients.session.get_credentials()
    stated = os.environ.get(_EXPIRY_VARIABLE)
    if credentials is None or hasattr(credentials, "refresh_needed") or stated is None:
        return None
    return (datetime.fromisoformat(stated) - datetime.now(UTC)).total_seconds()


def ringing(clients: Clients, prefix: str) -> tuple[Alarm, ...]:
    """Looks at each state itself too: where an endpoint minds only the prefix, every alarm would seem to ring."""
    with translated("cloudwatch", "DescribeAlarms"):
        found = clients.read("cloudwatch").describe_alarms(AlarmNamePrefix=prefix, StateValue="ALARM")
    return tuple(
        Alarm(entry["AlarmName"], entry.get("StateReason", ""), _BLOCKS in entry.get("AlarmDescription", ""))
        for entry in (*found.get("MetricAlarms", ()), *found.get("CompositeAlarms", ()))
        if entry["StateValue"] == "ALARM"
    )


def has_value(clients: Clients, secret_arn: str) -> bool:
    with translated("secretsmanager", "DescribeSecret"):
        found = clients.read("secretsmanager").describe_secret(SecretId=secret_arn)
    return any("AWSCURRENT" in stages for stages in found.get("VersionIdsToStages", {}).values())


def smoke_key(clients: Clients, secret_arn: str) -> str:
    """The key that smoke and probes use. Stored plain, or as `{"name": "key"}`."""
    with translated("secretsmanager", "GetSecretValue"):
        value = str(clients.read("secretsmanager").get_secret_value(SecretId=secret_arn)["SecretString"])
    if not value.startswith("{"):
        return value
    return str(next(iter(json.loads(value).values())))
