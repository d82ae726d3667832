import json
from typing import Any

from rehearsal.cloud.journal import Need
from rehearsal.cloud.permissions import allowed_actions, check

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/ledger"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, on: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on}


def test_an_action_that_no_statement_allows_is_denied() -> None:
    found = check([Need("ecs:UpdateService"), Need("ecs:DeleteService")], [policy(allow("ecs:UpdateService"))])
    assert found.denied == ("ecs:DeleteService",)


def test_an_action_that_nothing_called_is_unused() -> None:
    found = check([Need("ecs:UpdateService")], [policy(allow("ecs:UpdateService", "ecs:RunTask"))])
    assert found.unused == ("ecs:RunTask",)


def test_a_resource_that_no_statement_names_is_denied_and_said() -> None:
    found = check([Need("dynamodb:GetItem", TABLE + "-of-another")], [policy(allow("dynamodb:GetItem", on=TABLE))])
    assert found.denied == (f"dynamodb:GetItem on {TABLE}-of-another",)


def test_an_action_and_its_resource_must_be_allowed_by_one_statement() -> None:
    apart = policy(allow("dynamodb:GetItem", on=f"{TABLE}-other"), allow("dynamodb:PutItem", on=TABLE))
    assert check([Need("dynamodb:GetItem", TABLE)], [apart]).denied == (f"dynamodb:GetItem on {TABLE}",)


def test_a_request_that_names_no_resource_is_judged_by_its_action() -> None:
    assert check([Need("dynamodb:GetItem")], [policy(allow("dynamodb:GetItem", on=TABLE))]).denied == ()


def test_a_deny_wins_over_an_allow() -> None:
    refuse = {"Effect": "Deny", "Action": "ecs:UpdateService", "Resource": "*"}
    found = check([Need("ecs:UpdateService")], [policy(allow("ecs:*"), refuse)])
    assert found.denied == ("ecs:UpdateService",)


def test_a_wild_card_covers_what_it_names() -> None:
    assert check([Need("ecs:DescribeTasks")], [policy(allow("ecs:Describe*"))]).denied == ()


def test_asking_who_one_is_needs_no_permission() -> None:
    assert check([Need("sts:GetCallerIdentity")], [policy(allow("ecs:A"))]).denied == ()


def test_the_documents_of_a_role_count_together() -> None:
    documents = [policy(allow("ecs:A")), policy(allow("ecs:B"))]
    assert check([Need("ecs:A"), Need("ecs:B")], documents).denied == ()
    assert allowed_actions(documents) == {"ecs:A", "ecs:B"}
