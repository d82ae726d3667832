"""The deployer role: exactly what the release engine calls, on as little as AWS lets one name."""

import json

import pytest

from scripts.aws import capacity
from stacks.accounts import account_of
from stacks.deployer import PURPOSE_TAG, RELEASE_PURPOSE, Scope, statements
from stacks.naming import Names
from stacks.statements import Statement, document

ARN = "arn:aws:ecs:eu-west-1:111122223333:cluster/switchyard-staging"
SCOPE = Scope(
    names=Names("staging"),
    account=account_of(ARN),
    traffic_rule_arn="arn:rule/traffic",
    ledger_arn="arn:table/ledger",
    repository_arns=("arn:repository/api", "arn:repository/vllm"),
    secret_arns=("arn:secret/api-keys", "arn:secret/smoke-key"),
    smoke_key_arn="arn:secret/smoke-key",
    passed_role_arns=("arn:role/api-task",),
)
STATEMENTS = statements(SCOPE)

# fmt: off
ACTIONS = {
    "sts:GetCallerIdentity",
    "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query",
    "elasticloadbalancing:DescribeRules", "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:DescribeTargetHealth",
    "ecs:DescribeServices", "ecs:UpdateService", "ecs:ListTasks", "ecs:DescribeTasks", "ecs:DescribeTaskDefinition",
    "ecs:RegisterTaskDefinition", "ecs:TagResource", "ecs:ListContainerInstances", "ecs:DescribeContainerInstances",
    "application-autoscaling:RegisterScalableTarget",
    "autoscaling:DescribeAutoScalingGroups",
    "ec2:CreateCapacityReservation", "ec2:CancelCapacityReservation", "ec2:DescribeCapacityReservations",
    "ec2:CreateTags",
    "servicequotas:GetServiceQuota",
    "ecr:DescribeImages", "ecr:BatchGetImage",
    "cloudwatch:DescribeAlarms",
    "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
    "iam:PassRole",
}
# AWS lets nobody name a resource for these. PassRole limits RegisterTaskDefinition.
UNNAMEABLE = {
    "sts:GetCallerIdentity",
    "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetHealth",
    "ecs:ListTasks", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition",
    "autoscaling:DescribeAutoScalingGroups",
    "ec2:DescribeCapacityReservations", "cloudwatch:DescribeAlarms",
}
# fmt: on


def by_action(action: str) -> Statement:
    (found,) = [statement for statement in STATEMENTS if action in statement.actions]
    return found


def test_the_role_may_do_what_the_engine_calls_and_nothing_else() -> None:
    assert {action for statement in STATEMENTS for action in statement.actions} == ACTIONS


def test_no_action_is_a_wildcard() -> None:
    assert not [action for statement in STATEMENTS for action in statement.actions if "*" in action]


def test_only_actions_without_a_nameable_resource_are_allowed_on_everything() -> None:
    everywhere = {action for statement in STATEMENTS for action in statement.actions if "*" in statement.resources}
    assert everywhere == UNNAMEABLE


def test_every_statement_has_an_id_of_its_own_and_a_reason() -> None:
    assert len({statement.sid for statement in STATEMENTS}) == len(STATEMENTS)
    assert all(statement.sid.isalnum() and len(statement.reason) > 20 for statement in STATEMENTS)


def test_only_the_traffic_rule_can_be_modified() -> None:
    assert by_action("elasticloadbalancing:ModifyRule").resources == ("arn:rule/traffic",)


def test_only_the_four_services_of_this_environment_can_be_updated() -> None:
    resources = by_action("ecs:UpdateService").resources
    assert [arn.rpartition("/")[2] for arn in resources] == [
        "staging-api-blue",
        "staging-api-green",
        "staging-vllm-blue",
        "staging-vllm-green",
    ]
    assert all(":service/switchyard-staging/" in arn for arn in resources)


def test_only_the_smoke_key_can_be_read() -> None:
    assert by_action("secretsmanager:GetSecretValue").resources == ("arn:secret/smoke-key",)


def test_roles_are_passed_to_ecs_tasks_only() -> None:
    statement = by_action("iam:PassRole")
    assert statement.resources == ("arn:role/api-task",)
    assert statement.conditions == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("ec2:CreateCapacityReservation", "aws:RequestTag/switchyard:purpose"),
        ("ec2:CancelCapacityReservation", "aws:ResourceTag/switchyard:purpose"),
    ],
)
def test_only_a_releases_own_reservation_can_be_made_or_cancelled(action: str, key: str) -> None:
    assert by_action(action).conditions == {"StringEquals": {key: "release"}}


def test_the_engine_tags_its_reservation_as_the_role_demands() -> None:
    assert (capacity.PURPOSE_TAG, capacity.RELEASE_PURPOSE) == (PURPOSE_TAG, RELEASE_PURPOSE)


def test_the_document_fits_an_inline_policy() -> None:
    body = document(STATEMENTS)
    assert len(body) < 10_240
    assert {statement["Effect"] for statement in json.loads(body)["Statement"]} == {"Allow"}
