"""What an account answers before any environment is in it. Plain values: nothing here calls AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Bucket:
    """A bucket that is ours. `policy` is None where there is none, `key` where objects are not encrypted with KMS."""

    name: str
    versioned: bool
    private: bool
    key: str | None
    policy: Mapping[str, Any] | None


@dataclass(frozen=True)
class Key:
    """A KMS key. `customer_managed` keys have a policy of ours, AWS's own keys let AWS's services in by themselves."""

    arn: str
    customer_managed: bool
    enabled: bool
    rotates: bool


@dataclass(frozen=True)
class Grant:
    """What a grant on a key lets its grantee do."""

    grantee: str
    operations: frozenset[str]


@dataclass(frozen=True)
class MachineImage:
    """An AMI. `owner_alias` is `amazon` for AWS's own; `deprecated_at` is when AWS stops offering it."""

    image_id: str
    name: str
    architecture: str
    owner_alias: str
    created_at: datetime
    deprecated_at: datetime | None


@dataclass(frozen=True)
class Certificate:
    """A certificate of ACM and the names that it covers."""

    arn: str
    status: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Zone:
    """A hosted zone of Route 53; `name` without the dot at its end."""

    zone_id: str
    name: str
    private: bool
