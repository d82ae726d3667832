"""The operator role: the deployer's permissions and what people on call need besides; nothing costs or destroys."""

import pytest

from stacks.naming import Colour, Part
from stacks.policies import deployer, operator
from stacks.policies.statements import INLINE_POLICIES_LIMIT, document
from tests.stacks.policies.reading import allowed_actions, allows
from tests.stacks.policies.scopes import longest, scope, service_arn

SCOPE = scope()
OWN = operator.statements(SCOPE)
DOCUMENTS = (document(deployer.statements(SCOPE)), document(OWN))
DESTROYS = ("Delete", "Deregister", "Terminate", "Remove", "Stop", "Detach", "Disassociate", "Reset")

# fmt: off
ACTIONS = {
    "dynamodb:Query",
    "secretsmanager:PutSecretValue", "secretsmanager:ListSecretVersionIds", "secretsmanager:GetResourcePolicy",
    "secretsmanager:GetSecretValue",
    "iam:ListRoles", "iam:ListRolePolicies", "iam:GetRolePolicy",
    "ssm:GetParameter", "ec2:DescribeImages", "ec2:DescribeReservedInstances",
}
# fmt: on


def test_the_role_may_do_what_its_tasks_call_and_nothing_else() -> None:
    assert allowed_actions([DOCUMENTS[1]]) == ACTIONS


def test_the_operator_can_release_on_the_day_when_the_pipeline_is_down() -> None:
    assert allowed_actions(DOCUMENTS) > allowed_actions([document(deployer.statements(SCOPE))])
    assert allows(DOCUMENTS, "elasticloadbalancing:ModifyRule", SCOPE.traffic_rule_arn)
    assert allows(DOCUMENTS, "ecs:UpdateService", service_arn(Part.API, Colour.GREEN))


def test_the_operator_buys_nothing() -> None:
    assert not [action for action in allowed_actions(DOCUMENTS) if "Purchase" in action]


def test_the_operator_reads_roles_and_changes_none() -> None:
    iam = {action for action in allowed_actions(DOCUMENTS) if action.startswith("iam:")}
    assert iam == {"iam:PassRole", "iam:ListRoles", "iam:ListRolePolicies", "iam:GetRolePolicy"}


def test_the_operator_destroys_nothing() -> None:
    verbs = {action.partition(":")[2] for action in allowed_actions(DOCUMENTS)}
    assert not [verb for verb in verbs if verb.startswith(DESTROYS)]


@pytest.mark.parametrize(("which", "read"), [("api-keys", True), ("smoke-key", True), ("openai-key", False)])
def test_openais_key_can_be_replaced_and_not_read(which: str, read: bool) -> None:
    (secret,) = [arn for arn in SCOPE.secret_arns if which in arn]
    assert allows(DOCUMENTS, "secretsmanager:PutSecretValue", secret)
    assert allows(DOCUMENTS, "secretsmanager:GetSecretValue", secret) is read


def test_secrets_and_roles_of_another_environment_are_out_of_reach() -> None:
    other = scope("production")
    assert not any(allows(DOCUMENTS, "secretsmanager:PutSecretValue", arn) for arn in other.secret_arns)
    assert not any(allows(DOCUMENTS, "iam:GetRolePolicy", arn) for arn in other.passed_role_arns)
    assert all(allows(DOCUMENTS, "iam:GetRolePolicy", arn) for arn in SCOPE.passed_role_arns)


def test_both_documents_fit_one_role_however_long_the_names_are() -> None:
    found = [document(deployer.statements(longest())), document(operator.statements(longest()))]
    assert sum(map(len, found)) < INLINE_POLICIES_LIMIT
