import json
from typing import Any

import pytest

from rehearsal.cloud.calls import Call
from rehearsal.cloud.resources import named
from stacks.accounts import Account

ACCOUNT = Account("aws", "us-east-1", "123456789012")
PREFIX = "us-east-1:123456789012"


def call(action: str, **body: Any) -> Call:
    service, _, operation = action.partition(":")
    return Call("deployer", service, operation, json.dumps(body).encode())


def form(action: str, body: str) -> Call:
    service, _, operation = action.partition(":")
    return Call("deployer", service, operation, f"Action={operation}&{body}".encode())


# fmt: off
REQUESTS = [
    (call("dynamodb:GetItem", TableName="ledger"), f"arn:aws:dynamodb:{PREFIX}:table/ledger"),
    (call("dynamodb:BatchWriteItem", RequestItems={"cache": []}), f"arn:aws:dynamodb:{PREFIX}:table/cache"),
    (call("ecr:DescribeImages", repositoryName="api"), f"arn:aws:ecr:{PREFIX}:repository/api"),
    (call("ecs:UpdateService", cluster="c", service="s"), f"arn:aws:ecs:{PREFIX}:service/c/s"),
    (call("ecs:DescribeServices", cluster=f"arn:aws:ecs:{PREFIX}:cluster/c", services=["a"]),
     f"arn:aws:ecs:{PREFIX}:service/c/a"),
    (call("ecs:ListContainerInstances", cluster="c"), f"arn:aws:ecs:{PREFIX}:cluster/c"),
    (call("ecs:DescribeTasks", cluster="c", tasks=["arn:task"]), "arn:task"),
    (call("secretsmanager:PutSecretValue", SecretId="arn:secret", SecretString="x"), "arn:secret"),
    (call("servicequotas:GetServiceQuota", ServiceCode="ec2", QuotaCode="L"), f"arn:aws:servicequotas:{PREFIX}:ec2/L"),
    (call("ssm:GetParameter", Name="/aws/service/ami"), "arn:aws:ssm:us-east-1::parameter/aws/service/ami"),
    (call("ssm:GetParameter", Name="/mine"), f"arn:aws:ssm:{PREFIX}:parameter/mine"),
    (form("elasticloadbalancing:ModifyRule", "RuleArn=arn%3Arule"), "arn:rule"),
    (form("iam:GetRolePolicy", "RoleName=host"), "arn:aws:iam::123456789012:role/host"),
]
# fmt: on


@pytest.mark.parametrize(("asked", "arn"), REQUESTS)
def test_a_request_names_its_resource(asked: Call, arn: str) -> None:
    assert named(asked, ACCOUNT) == {f"{asked.service}:{asked.operation}": (arn,)}


def test_a_request_may_name_several() -> None:
    found = named(call("ecs:DescribeServices", cluster="c", services=["a", "b"]), ACCOUNT)
    assert found == {"ecs:DescribeServices": tuple(f"arn:aws:ecs:{PREFIX}:service/c/{name}" for name in "ab")}


def test_registering_a_definition_is_judged_by_its_family_and_by_each_role_it_hands_over() -> None:
    body = {"family": "f", "taskRoleArn": "arn:t", "executionRoleArn": "arn:e", "tags": []}
    definition = (f"arn:aws:ecs:{PREFIX}:task-definition/f:1",)
    assert named(call("ecs:RegisterTaskDefinition", **body), ACCOUNT) == {
        "ecs:RegisterTaskDefinition": definition,
        "ecs:TagResource": definition,
        "iam:PassRole": ("arn:t", "arn:e"),
    }


@pytest.mark.parametrize(
    "asked",
    [
        call("secretsmanager:DescribeSecret", SecretId="a-name-whose-arn-ends-with-something-unknown"),
        form("ec2:DescribeImages", "Owner=self"),
        Call("deployer", "cloudwatch", "DescribeAlarms", b"\xa1cbor"),
    ],
)
def test_a_request_that_does_not_name_its_resource_is_judged_by_its_action(asked: Call) -> None:
    assert named(asked, ACCOUNT) == {}
