"""The operator role: the deployer's permissions and what people on call need; it buys nothing and ends one host."""

import pytest

from stacks.naming import Colour, Names, Part
from stacks.policies import deployer
from stacks.policies.statements import INLINE_POLICIES_LIMIT, document
from tests.stacks.policies.reading import allowed_actions, allows
from tests.stacks.policies.scopes import ACCOUNT, documents, longest, scope, service_arn

SCOPE = scope()
DOCUMENTS = documents(SCOPE)
DESTROYS = ("Delete", "Deregister", "Terminate", "Remove", "Stop", "Detach", "Disassociate", "Reset")


def group_arn(environment: str) -> str:
    group = Names(environment).autoscaling_group()
    return ACCOUNT.arn("autoscaling", f"autoScalingGroup:0f1e2d3c-uuid:autoScalingGroupName/{group}")


# fmt: off
ACTIONS = {
    "dynamodb:Query", "dynamodb:UpdateItem",
    "secretsmanager:PutSecretValue", "secretsmanager:ListSecretVersionIds", "secretsmanager:GetResourcePolicy",
    "secretsmanager:GetSecretValue",
    "iam:ListRoles", "iam:ListRolePolicies", "iam:GetRolePolicy",
    "ssm:GetParameter", "ec2:DescribeImages", "ec2:DescribeReservedInstances",
}
# What the runbooks and pages tell people on call to type: tests/contracts/test_aws_lines_in_docs.py.
TYPED = {
    "logs:FilterLogEvents", "logs:StartQuery", "logs:GetQueryResults", "s3:ListBucket", "s3:GetObject",
    "autoscaling:DescribeScalingActivities", "ec2:GetConsoleOutput", "autoscaling:TerminateInstanceInAutoScalingGroup",
    "acm:DescribeCertificate",
}
# fmt: on


def test_the_role_may_do_what_its_tasks_call_and_its_runbooks_say_and_nothing_else() -> None:
    assert allowed_actions([DOCUMENTS[1]]) == ACTIONS | TYPED


def test_the_operator_can_release_on_the_day_when_the_pipeline_is_down() -> None:
    assert allowed_actions(DOCUMENTS) > allowed_actions([document(deployer.statements(SCOPE))])
    assert allows(DOCUMENTS, "elasticloadbalancing:ModifyRule", SCOPE.traffic_rule_arn)
    assert allows(DOCUMENTS, "ecs:UpdateService", service_arn(Part.API, Colour.GREEN))


def test_the_operator_buys_nothing() -> None:
    assert not [action for action in allowed_actions(DOCUMENTS) if "Purchase" in action]


def test_the_operator_reads_roles_and_changes_none() -> None:
    iam = {action for action in allowed_actions(DOCUMENTS) if action.startswith("iam:")}
    assert iam == {"iam:PassRole", "iam:ListRoles", "iam:ListRolePolicies", "iam:GetRolePolicy"}


def test_the_operator_destroys_nothing_but_a_host_of_this_environments_group() -> None:
    ends = "autoscaling:TerminateInstanceInAutoScalingGroup"
    actions = allowed_actions(DOCUMENTS)
    assert [action for action in actions if action.partition(":")[2].startswith(DESTROYS)] == [ends]
    assert allows(DOCUMENTS, ends, group_arn("staging"))
    assert not allows(DOCUMENTS, ends, group_arn("production"))
    assert not allows(DOCUMENTS, ends, group_arn("staging2"))


@pytest.mark.parametrize(
    ("tag", "may"), [("switchyard-staging", True), ("switchyard-production", False), (None, False)]
)
def test_the_console_of_this_environments_hosts_only_can_be_read(tag: str | None, may: bool) -> None:
    host = ACCOUNT.arn("ec2", "instance/i-0123456789abcdef0")
    tagged = {"aws:ResourceTag/SwitchyardStack": tag} if tag else {}
    assert allows(DOCUMENTS, "ec2:GetConsoleOutput", host, tagged) is may


@pytest.mark.parametrize(
    "group", ["/switchyard/staging/api", "/switchyard/staging/vllm", "aws-waf-logs-switchyard-staging"]
)
@pytest.mark.parametrize("action", ["logs:FilterLogEvents", "logs:StartQuery", "logs:GetQueryResults"])
def test_lines_can_be_read_in_the_form_in_which_aws_names_a_log(group: str, action: str) -> None:
    assert allows(DOCUMENTS, action, ACCOUNT.arn("logs", f"log-group:{group}:log-stream:"))


@pytest.mark.parametrize(
    "group", ["/switchyard/staging/shell", "/switchyard/production/api", "/switchyard/staging2/api"]
)
def test_neither_what_was_typed_in_shells_nor_another_environments_lines_can_be_read(group: str) -> None:
    log = ACCOUNT.arn("logs", f"log-group:{group}:log-stream:")
    assert not [action for action in TYPED if action.startswith("logs:") and allows(DOCUMENTS, action, log)]


def test_of_the_log_bucket_only_the_load_balancers_logs_can_be_read() -> None:
    bucket = "arn:aws:s3:::switchyard-staging-logs-111122223333"
    logs = f"{bucket}/AWSLogs/111122223333"
    assert allows(DOCUMENTS, "s3:ListBucket", bucket)
    assert allows(DOCUMENTS, "s3:GetObject", f"{logs}/elasticloadbalancing/eu-west-1/2026/11/25/one.log.gz")
    assert not allows(DOCUMENTS, "s3:GetObject", f"{logs}/vpcflowlogs/eu-west-1/2026/11/25/one.log.gz")


def test_no_shell_can_be_opened_unless_the_settings_allow_it() -> None:
    task, cluster = (ACCOUNT.arn("ecs", f"{kind}/switchyard-staging") for kind in ("task", "cluster"))
    for resource in (cluster, f"{task}/0123456789abcdef"):
        assert not allows(DOCUMENTS, "ecs:ExecuteCommand", resource)
        assert allows(documents(SCOPE, shells=True), "ecs:ExecuteCommand", resource)
    production = ACCOUNT.arn("ecs", "task/switchyard-production/0123456789abcdef")
    assert not allows(documents(SCOPE, shells=True), "ecs:ExecuteCommand", production)


@pytest.mark.parametrize(("which", "read"), [("api-keys", True), ("smoke-key", True), ("openai-key", False)])
def test_openais_key_can_be_replaced_and_not_read(which: str, read: bool) -> None:
    (secret,) = [arn for arn in SCOPE.secret_arns if which in arn]
    assert allows(DOCUMENTS, "secretsmanager:PutSecretValue", secret)
    assert allows(DOCUMENTS, "secretsmanager:GetSecretValue", secret) is read


@pytest.mark.parametrize("table", [SCOPE.keys_arn, SCOPE.usage_arn])
def test_keys_and_switches_are_read_and_written_one_by_one_and_never_deleted(table: str) -> None:
    assert all(allows(DOCUMENTS, f"dynamodb:{verb}", table) for verb in ("Query", "UpdateItem"))
    assert not any(allows(DOCUMENTS, f"dynamodb:{verb}", table) for verb in ("DeleteItem", "Scan", "BatchWriteItem"))
    assert not allows(DOCUMENTS, "dynamodb:Query", table.replace("staging", "production"))


def test_secrets_and_roles_of_another_environment_are_out_of_reach() -> None:
    other = scope("production")
    assert not any(allows(DOCUMENTS, "secretsmanager:PutSecretValue", arn) for arn in other.secret_arns)
    assert not any(allows(DOCUMENTS, "iam:GetRolePolicy", arn) for arn in other.passed_role_arns)
    assert all(allows(DOCUMENTS, "iam:GetRolePolicy", arn) for arn in SCOPE.passed_role_arns)


def test_both_documents_fit_one_role_however_long_the_names_are() -> None:
    assert sum(map(len, documents(longest(), shells=True))) < INLINE_POLICIES_LIMIT
