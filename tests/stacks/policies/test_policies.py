"""Every policy that the program declares, whoever has it: narrow, written out, and about something that exists."""

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest

from scripts.release.control import KEY as CONTROL_KEY
from stacks.policies.tasks import LIVE_PARTITION, task
from stacks.policies.unnameable import UNNAMEABLE
from tests.stacks.declared import Program
from tests.stacks.policies.reading import allows, listed

# Where IAM's prefix is not botocore's name of the service.
SERVICES = {
    "application-autoscaling": "application-autoscaling",
    "aps": "amp",
    "elasticloadbalancing": "elbv2",
    "servicequotas": "service-quotas",
}
# Permissions that no operation of an API is named after. ECS's and Systems Manager's are their agents' own protocols.
WITHOUT_OPERATION = {
    "aps:RemoteWrite",
    "ecs:Poll",
    "ecs:StartTelemetrySession",
    "iam:PassRole",
    "s3:ListBucket",
    "ssm:UpdateInstanceInformation",
}


def found(program: Program) -> Iterator[tuple[str, dict[str, Any]]]:
    """Role and statement, of all roles."""
    for policy in program.of("RolePolicy"):
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            yield policy.inputs["role"], statement


def test_no_policy_is_attached_to_a_user_or_borrowed_from_aws(program: Program) -> None:
    kinds = {one.kind for one in program.aws if one.type.startswith("aws:iam/")}
    assert kinds == {"Role", "RolePolicy", "InstanceProfile"}


def test_no_action_is_a_wildcard(program: Program) -> None:
    assert not [action for _, statement in found(program) for action in listed(statement["Action"]) if "*" in action]


def test_only_what_aws_lets_nobody_name_is_allowed_on_everything(program: Program) -> None:
    everywhere = {
        action
        for _, statement in found(program)
        if "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    assert everywhere <= set(UNNAMEABLE)


def test_the_table_of_exceptions_has_nothing_that_is_not_needed(production: Program) -> None:
    actions = {action for _, statement in found(production) for action in listed(statement["Action"])}
    with_shell = {action for statement in task("workspace", None, "log") for action in statement.actions}
    assert set(UNNAMEABLE) - actions - with_shell == set()


def test_a_shell_widens_nothing_but_what_the_table_has() -> None:
    everywhere = {
        a for statement in task("workspace", None, "log") if "*" in statement.resources for a in statement.actions
    }
    assert everywhere <= set(UNNAMEABLE)


def test_every_resource_names_a_service_and_no_account_but_ours(program: Program) -> None:
    for role, statement in found(program):
        for resource in set(listed(statement["Resource"])) - {"*"}:
            _, _, service, _, account, name = resource.split(":", 5)
            assert service and name != "*", (role, resource)
            assert account in ("111122223333", ""), (role, resource)


def test_no_key_can_be_used_that_is_not_named(program: Program) -> None:
    for role, statement in found(program):
        if any(action.startswith("kms:") for action in listed(statement["Action"])):
            assert not [arn for arn in listed(statement["Resource"]) if arn.endswith(("*", ":key/*"))], role


def test_roles_are_passed_to_ecs_tasks_only(program: Program) -> None:
    passing = [statement for _, statement in found(program) if "iam:PassRole" in listed(statement["Action"])]
    assert passing
    for statement in passing:
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
        assert not [arn for arn in listed(statement["Resource"]) if "*" in arn]


def test_no_role_can_change_a_role(program: Program) -> None:
    verbs = {a.partition(":")[2] for _, s in found(program) for a in listed(s["Action"]) if a.startswith("iam:")}
    assert not [verb for verb in verbs if not verb.startswith(("Get", "List", "PassRole"))]


def test_both_peoples_and_pipelines_sessions_outlast_a_canary(program: Program) -> None:
    for which in ("deployer", "operator"):
        assert program.one(f"{which}-role").inputs["maxSessionDuration"] == 4 * 3600


@pytest.mark.parametrize("who", ["deployer", "operator"])
def test_policies_of_a_preview_wait_for_their_arns(preview: Program, who: str) -> None:
    assert preview.one(f"{who}-role").inputs.get("assumeRolePolicy", "<unknown>") == "<unknown>"


def test_every_action_is_an_operation_of_its_service(production: Program) -> None:
    actions = {action for _, statement in found(production) for action in listed(statement["Action"])}
    session = botocore.session.get_session()
    known = set(session.get_available_services())
    for action in sorted(actions - WITHOUT_OPERATION):
        prefix, _, operation = action.partition(":")
        service = SERVICES.get(prefix, prefix)
        if service not in known:
            assert prefix == "ssmmessages", action
            continue
        names = session.get_service_model(service).operation_names
        assert operation in names, action


def test_of_the_ledger_a_gateway_task_reads_only_which_release_is_live(production: Program) -> None:
    documents = [p.inputs["policy"] for p in production.of("RolePolicy") if p.inputs["name"] == "api-task"]
    (ledger,) = [arn for arn in _resources(documents[0], "dynamodb:GetItem") if "ledger" in arn]
    key = "dynamodb:LeadingKeys"
    assert CONTROL_KEY[0] == LIVE_PARTITION
    assert allows(documents, "dynamodb:GetItem", ledger, {key: LIVE_PARTITION})
    assert not allows(documents, "dynamodb:GetItem", ledger, {key: "release"})
    assert not allows(documents, "dynamodb:GetItem", ledger)
    assert not any(allows(documents, f"dynamodb:{verb}", ledger) for verb in ("Query", "UpdateItem", "PutItem"))


def test_a_gateway_task_can_make_no_key(production: Program) -> None:
    documents = [p.inputs["policy"] for p in production.of("RolePolicy") if p.inputs["name"] == "api-task"]
    (keys,) = [arn for arn in _resources(documents[0], "dynamodb:Query") if "keys" in arn]
    assert not any(allows(documents, f"dynamodb:{w}", keys) for w in ("UpdateItem", "PutItem", "BatchWriteItem"))


def _resources(document: str, action: str) -> list[str]:
    found = [statement for statement in json.loads(document)["Statement"] if action in listed(statement["Action"])]
    return [arn for statement in found for arn in listed(statement["Resource"])]
