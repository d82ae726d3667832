"""Task definitions, kept whole: a field we do not know must survive the copy from the template."""

from typing import Any

from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.aws.model import Definition

# What DescribeTaskDefinition adds and RegisterTaskDefinition refuses.
_ANSWER_ONLY = frozenset(
    {
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
        "deregisteredAt",
    }
)


def definition(clients: Clients, reference: str) -> Definition:
    """By ARN, or the newest revision of a family."""
    with translated("ecs", "DescribeTaskDefinition"):
        found = clients.read("ecs").describe_task_definition(taskDefinition=reference, include=["TAGS"])
    body: dict[str, Any] = found["taskDefinition"]
    kept = {key: value for key, value in body.items() if key not in _ANSWER_ONLY}
    return Definition(body["taskDefinitionArn"], kept, {tag["key"]: tag["value"] for tag in found.get("tags", ())})
