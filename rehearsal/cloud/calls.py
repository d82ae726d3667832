"""What a request to the rehearsal's AWS is: who calls, and the actions that IAM would ask for. Judges nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from rehearsal.cloud import objects

# Where the name that signs a request is not the prefix that IAM uses.
_IAM_PREFIX = {"monitoring": "cloudwatch"}
_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/aws4_request")


@dataclass(frozen=True)
class Call:
    """One request. `principal` is the access key id; in the rehearsal that is a role's short name.

    `operation` is the API's, except S3's: there it is IAM's action, and `path` names bucket and object.
    """

    principal: str
    service: str
    operation: str
    body: bytes = field(default=b"", repr=False)
    path: str = ""

    @property
    def actions(self) -> tuple[str, ...]:
        """The IAM actions that the request needs, the implied ones (PassRole, tagging) included."""
        return (f"{self.service}:{self.operation}", *_implied(self))


def identify(headers: dict[str, str], path: str, body: bytes, *, method: str = "POST", query: str = "") -> Call | None:
    """Name a request; None for one that is not signed (moto's own pages).

    `headers` has lower-case names.
    """
    match = _CREDENTIAL.search(headers.get("authorization", ""))
    if match is None:
        return None
    principal, signing_name = match.groups()
    if signing_name == "s3":
        return Call(principal, signing_name, objects.action(method, path, query), body, path)
    operation = _operation(headers, path, body)
    return Call(principal, _IAM_PREFIX.get(signing_name, signing_name), operation, body)


def _operation(headers: dict[str, str], path: str, body: bytes) -> str:
    target = headers.get("x-amz-target")
    if target:
        return target.rsplit(".", 1)[-1]
    if "/operation/" in path:  # the CBOR protocol names the operation in the path
        return path.rsplit("/", 1)[-1]
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return _first(parse_qs(body.decode("utf-8", "replace")).get("Action", []))
    return "rest"


def _implied(call: Call) -> Iterable[str]:
    named = f"{call.service}:{call.operation}"
    if named == "ecs:RegisterTaskDefinition":
        if b"RoleArn" in call.body:
            yield "iam:PassRole"
        if b'"tags"' in call.body:
            yield "ecs:TagResource"
    if named == "ec2:CreateCapacityReservation" and b"TagSpecification" in call.body:
        yield "ec2:CreateTags"


def _first(values: list[str]) -> str:
    return values[0] if values else "unknown"
