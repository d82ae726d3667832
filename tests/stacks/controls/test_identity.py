"""Controls of roles, policies and keys."""

import json
from typing import Any

from tests.stacks.controls.control import Mutation, change, control, every
from tests.stacks.declared import Declaration, Program


def statements(policy: Declaration) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(policy.inputs["policy"])["Statement"]
    return found


def allowed(program: Program) -> list[tuple[str, str, dict[str, Any]]]:
    """Policy, action and statement of everything that a role may do."""
    found = [(policy.name, statement) for policy in every(program, "RolePolicy") for statement in statements(policy)]
    return [
        (name, action, statement)
        for name, statement in found
        if statement["Effect"] == "Allow"
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    ]


def _granting(action: str) -> Mutation:
    policy = {"Statement": [{"Effect": "Allow", "Action": [action], "Resource": ["*"]}]}
    return change("RolePolicy", policy=json.dumps(policy))


@control("IAM.1", broken=_granting("*"))
def test_iam_1_no_policy_allows_everything(program: Program) -> None:
    assert all(action != "*" for _, action, _ in allowed(program))


def _on_a_user(program: Program) -> None:
    policy = program.of("RolePolicy")[0]
    program.aws.append(Declaration("aws:iam/userPolicy:UserPolicy", "user", policy.inputs, "aws", False, [], []))


@control("IAM.2", broken=_on_a_user)
def test_iam_2_no_policy_is_on_a_user(program: Program) -> None:
    for kind in ("User", "UserPolicy", "UserPolicyAttachment", "AccessKey"):
        assert program.of(kind) == []


@control("IAM.21", broken=_granting("ecs:*"))
def test_iam_21_no_policy_allows_all_actions_of_a_service(program: Program) -> None:
    assert [(name, action) for name, action, _ in allowed(program) if action.endswith(":*")] == []


@control("KMS.1", "KMS.2", "KMS.1, KMS.2", broken=_granting("kms:Decrypt"))
def test_kms_1_no_identity_may_decrypt_with_every_key(program: Program) -> None:
    for name, action, statement in allowed(program):
        if action.startswith("kms:"):
            assert "*" not in statement["Resource"], name


@control("KMS.3", broken=change("Key", deletionWindowInDays=7))
def test_kms_3_keys_are_not_deleted_by_accident(program: Program) -> None:
    assert all(found.protect and found.inputs["deletionWindowInDays"] == 30 for found in every(program, "Key"))


@control("KMS.4", broken=change("Key", enableKeyRotation=False))
def test_kms_4_keys_rotate(program: Program) -> None:
    assert all(found.inputs["enableKeyRotation"] is True for found in every(program, "Key"))


def _public_key(program: Program) -> None:
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]}
    program.of("Key")[0].inputs["policy"] = json.dumps(policy)


@control("KMS.5", broken=_public_key)
def test_kms_5_keys_are_not_public(program: Program) -> None:
    for key in every(program, "Key"):
        assert all(statement["Principal"] not in ("*", {"AWS": "*"}) for statement in statements(key))
