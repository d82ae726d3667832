"""KMS: a key by any of its names, who may use it by its policy, and who by a grant."""

import json
from collections.abc import Mapping
from typing import Any

from scripts.aws.account_model import Grant, Key
from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.errors import AwsFailed


def key(clients: Clients, name: str) -> Key | None:
    """The key of an id, an ARN or `alias/…`; None where there is none."""
    try:
        with translated("kms", "DescribeKey"):
            found = clients.read("kms").describe_key(KeyId=name)["KeyMetadata"]
    except AwsFailed as error:
        if error.code == "NotFoundException":
            return None
        raise
    customer_managed = found["KeyManager"] == "CUSTOMER"
    return Key(
        found["Arn"], customer_managed, found["KeyState"] == "Enabled", customer_managed and _rotates(clients, found)
    )


def policy(clients: Clients, arn: str) -> Mapping[str, Any]:
    with translated("kms", "GetKeyPolicy"):
        found = clients.read("kms").get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    document: Mapping[str, Any] = json.loads(found)
    return document


def grants(clients: Clients, arn: str) -> tuple[Grant, ...]:
    with translated("kms", "ListGrants"):
        pages = clients.read("kms").get_paginator("list_grants").paginate(KeyId=arn)
        found = [entry for page in pages for entry in page["Grants"]]
    return tuple(Grant(entry.get("GranteePrincipal", ""), frozenset(entry["Operations"])) for entry in found)


def _rotates(clients: Clients, found: Mapping[str, Any]) -> bool:
    """A key that is disabled or about to be deleted does not say."""
    if found["KeyState"] != "Enabled":
        return False
    with translated("kms", "GetKeyRotationStatus"):
        return bool(clients.read("kms").get_key_rotation_status(KeyId=found["KeyId"])["KeyRotationEnabled"])
