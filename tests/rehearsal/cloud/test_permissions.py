import json
from typing import Any

from rehearsal.cloud.permissions import check


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"}


def test_an_action_that_no_statement_allows_is_denied() -> None:
    found = check(["ecs:UpdateService", "ecs:DeleteService"], [policy(allow("ecs:UpdateService"))])
    assert found.denied == ("ecs:DeleteService",)


def test_an_action_that_nothing_called_is_unused() -> None:
    found = check(["ecs:UpdateService"], [policy(allow("ecs:UpdateService", "ecs:RunTask"))])
    assert found.unused == ("ecs:RunTask",)


def test_a_deny_wins_over_an_allow() -> None:
    refuse = {"Effect": "Deny", "Action": "ecs:UpdateService", "Resource": "*"}
    found = check(["ecs:UpdateService"], [policy(allow("ecs:*"), refuse)])
    assert found.denied == ("ecs:UpdateService",)


def test_a_wild_card_covers_what_it_names() -> None:
    assert check(["ecs:DescribeTasks"], [policy(allow("ecs:Describe*"))]).denied == ()


def test_asking_who_one_is_needs_no_permission() -> None:
    assert check(["sts:GetCallerIdentity"], [policy(allow("ecs:A"))]).denied == ()
