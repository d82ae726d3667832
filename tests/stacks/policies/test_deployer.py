"""The deployer role: exactly what the release engine calls, on as little as AWS lets one name."""

from datetime import UTC, datetime

import pytest

from scripts.release.steps import Reserve
from stacks.naming import PURPOSE_TAG, RELEASE_PURPOSE, STACK_TAG, model_marker
from stacks.policies.deployer import statements
from stacks.policies.statements import INLINE_POLICIES_LIMIT, Statement, document
from tests.scripts.examples import manifest
from tests.stacks.policies.reading import allows
from tests.stacks.policies.scopes import longest, scope

SCOPE = scope()
STATEMENTS = statements(SCOPE)
DOCUMENTS = (document(STATEMENTS),)

# fmt: off
ACTIONS = {
    "sts:GetCallerIdentity",
    "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem",
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
    "iam:PassRole", "s3:ListBucket",
}
# fmt: on


def by_action(action: str) -> Statement:
    (found,) = [statement for statement in STATEMENTS if action in statement.actions]
    return found


def test_the_role_may_do_what_the_engine_calls_and_nothing_else() -> None:
    assert {action for statement in STATEMENTS for action in statement.actions} == ACTIONS


def test_every_statement_has_an_id_of_its_own_and_a_reason() -> None:
    assert len({statement.sid for statement in STATEMENTS}) == len(STATEMENTS)
    assert all(statement.sid.isalnum() and len(statement.reason) > 20 for statement in STATEMENTS)


def test_only_the_traffic_rule_can_be_modified() -> None:
    assert by_action("elasticloadbalancing:ModifyRule").resources == (SCOPE.traffic_rule_arn,)


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
    assert by_action("secretsmanager:GetSecretValue").resources == (SCOPE.smoke_key_arn,)


def test_roles_are_passed_to_ecs_tasks_only() -> None:
    statement = by_action("iam:PassRole")
    assert statement.resources == SCOPE.passed_role_arns
    assert statement.conditions == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


@pytest.mark.parametrize(
    ("action", "where"),
    [("ec2:CreateCapacityReservation", "aws:RequestTag"), ("ec2:CancelCapacityReservation", "aws:ResourceTag")],
)
@pytest.mark.parametrize(
    ("purpose", "stack", "allowed"),
    [
        ("release", "switchyard-staging", True),
        ("permanent", "switchyard-staging", False),
        ("release", "switchyard-production", False),
    ],
)
def test_only_a_reservation_for_a_release_of_this_environment_can_be_made_or_cancelled(
    action: str, where: str, purpose: str, stack: str, allowed: bool
) -> None:
    reservation = SCOPE.account.arn("ec2", "capacity-reservation/cr-1")
    context = {f"{where}/switchyard:purpose": purpose, f"{where}/SwitchyardStack": stack}
    assert allows(DOCUMENTS, action, reservation, context) is allowed


@pytest.mark.parametrize(("stack", "allowed"), [("switchyard-staging", True), ("switchyard-production", False)])
def test_only_this_environments_bounds_can_be_moved(stack: str, allowed: bool) -> None:
    target = SCOPE.account.arn("application-autoscaling", "scalable-target/1234abcd")
    context = {
        "application-autoscaling:service-namespace": "ecs",
        "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
        "aws:ResourceTag/SwitchyardStack": stack,
    }
    assert allows(DOCUMENTS, "application-autoscaling:RegisterScalableTarget", target, context) is allowed


def test_the_engine_tags_its_reservation_as_the_role_demands() -> None:
    assert (PURPOSE_TAG, RELEASE_PURPOSE) == ("switchyard:purpose", "release"), "reservations that exist carry these"
    step = Reserve("r-1", 1, datetime(2026, 11, 25, tzinfo=UTC))
    (tagged,) = step.calls(manifest("staging"))[0].parameters["TagSpecifications"]
    tags = {tag["Key"]: tag["Value"] for tag in tagged["Tags"]}
    assert (tags[PURPOSE_TAG], tags[STACK_TAG]) == (RELEASE_PURPOSE, SCOPE.names.prefix)


@pytest.mark.parametrize(
    ("family", "allowed"),
    [("staging-api-green:7", True), ("staging-api-template:7", False), ("production-api-green:7", False)],
)
def test_only_a_colours_own_family_can_be_registered(family: str, allowed: bool) -> None:
    definition = SCOPE.account.arn("ecs", f"task-definition/{family}")
    assert allows(DOCUMENTS, "ecs:RegisterTaskDefinition", definition) is allowed


@pytest.mark.parametrize(
    ("prefix", "allowed"),
    [(model_marker("mistralai/Mistral-7B@v0.3"), True), ("models/", False), ("", False), (None, False)],
)
def test_of_the_models_only_markers_can_be_listed(prefix: str | None, allowed: bool) -> None:
    context = {} if prefix is None else {"s3:prefix": prefix}
    assert allows(DOCUMENTS, "s3:ListBucket", SCOPE.model_bucket_arn, context) is allowed


def test_the_document_fits_an_inline_policy_however_long_the_names_are() -> None:
    assert len(document(statements(longest()))) < INLINE_POLICIES_LIMIT
