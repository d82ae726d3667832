"""Which resources a request needs permission on, as ARNs, by action. Knows the requests that name theirs plainly.

What is not known here is judged by its action alone: a request without a resource in it, one that AWS judges by
something it looks up, and all of EC2 (its resources come into being with the request).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from rehearsal.cloud import objects
from rehearsal.cloud.calls import Call
from stacks.accounts import Account

Body = Mapping[str, Any]
_PUBLIC = "/aws/service/"
_PASSED = ("taskRoleArn", "executionRoleArn")


def named(call: Call, account: Account) -> dict[str, tuple[str, ...]]:
    """Action to the ARNs that the request names for it; an action that is missing is judged without."""
    body = _body(call)
    found = {f"{call.service}:{call.operation}": tuple(_of(call, body, account))}
    if call.service == "ecs" and call.operation == "RegisterTaskDefinition":
        found["ecs:TagResource"] = found["ecs:RegisterTaskDefinition"]
        found["iam:PassRole"] = tuple(str(body[key]) for key in _PASSED if key in body)
    return {action: arns for action, arns in found.items() if arns}


def _of(call: Call, body: Body, account: Account) -> Iterable[str]:
    if call.service == "s3":
        return objects.resource(call.path, call.operation, account.partition)
    by_operation = _BY_OPERATION.get((call.service, call.operation))
    by_service = _BY_SERVICE.get(call.service)
    rule = by_operation or by_service
    return rule(body, account) if rule else ()


def _table(body: Body, account: Account) -> Iterable[str]:
    """A batch names several."""
    names = [body["TableName"]] if "TableName" in body else body.get("RequestItems", ())
    return [_arn(account, "dynamodb", f"table/{name}", name) for name in names]


def _secret(body: Body, _account: Account) -> Iterable[str]:
    """A secret's ARN ends with characters that its name does not tell."""
    found = str(body.get("SecretId", ""))
    return [found] if found.startswith("arn:") else []


def _services(body: Body, account: Account) -> Iterable[str]:
    cluster = _short(body.get("cluster", ""))
    named_services = [body["service"]] if "service" in body else body.get("services", ())
    return [_arn(account, "ecs", f"service/{cluster}/{name}", name) for name in named_services]


def _cluster(body: Body, account: Account) -> Iterable[str]:
    return [account.arn("ecs", f"cluster/{_short(body.get('cluster', ''))}")]


def _definition(body: Body, account: Account) -> Iterable[str]:
    return [account.arn("ecs", f"task-definition/{body['family']}:1")]


def _rule(body: Body, _account: Account) -> Iterable[str]:
    return [str(body["RuleArn"])] if "RuleArn" in body else []


def _repository(body: Body, account: Account) -> Iterable[str]:
    return [account.arn("ecr", f"repository/{body['repositoryName']}")] if "repositoryName" in body else []


def _role(body: Body, account: Account) -> Iterable[str]:
    return [account.global_arn("iam", f"role/{body['RoleName']}")] if "RoleName" in body else []


def _parameter(body: Body, account: Account) -> Iterable[str]:
    name = str(body["Name"])
    place = account.public_arn if name.startswith(_PUBLIC) else account.arn
    return [place("ssm", f"parameter/{name.lstrip('/')}")]


def _quota(body: Body, account: Account) -> Iterable[str]:
    return [account.arn("servicequotas", f"{body['ServiceCode']}/{body['QuotaCode']}")]


def _listed(key: str) -> Callable[[Body, Account], Iterable[str]]:
    """ARNs that stand in the request as they are."""
    return lambda body, _account: [str(arn) for arn in body.get(key, ()) if str(arn).startswith("arn:")]


_BY_SERVICE: dict[str, Callable[[Body, Account], Iterable[str]]] = {
    "dynamodb": _table,
    "ecr": _repository,
    "iam": _role,
    "secretsmanager": _secret,
}
_BY_OPERATION: dict[tuple[str, str], Callable[[Body, Account], Iterable[str]]] = {
    ("ecs", "DescribeContainerInstances"): _listed("containerInstances"),
    ("ecs", "DescribeServices"): _services,
    ("ecs", "DescribeTasks"): _listed("tasks"),
    ("ecs", "ListContainerInstances"): _cluster,
    ("ecs", "RegisterTaskDefinition"): _definition,
    ("ecs", "UpdateService"): _services,
    ("elasticloadbalancing", "ModifyRule"): _rule,
    ("servicequotas", "GetServiceQuota"): _quota,
    ("ssm", "GetParameter"): _parameter,
}


def _arn(account: Account, service: str, resource: str, given: str) -> str:
    """A name or an ARN is accepted by many operations."""
    return given if given.startswith("arn:") else account.arn(service, resource)


def _short(cluster: str) -> str:
    return cluster.rpartition("/")[2]


def _body(call: Call) -> Body:
    """JSON or a form; anything else tells nothing."""
    if call.body.startswith(b"{"):
        found: Body = json.loads(call.body)
        return found
    if call.body.startswith(b"Action="):
        return {key: values[0] for key, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
    return {}
