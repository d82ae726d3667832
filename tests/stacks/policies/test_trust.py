"""Who may take a role, judged as IAM judges it: by the claims and keys that a request carries."""

from typing import Any

import pytest

from stacks.accounts import Account
from stacks.policies import trust
from stacks.schema import Access
from tests.stacks.policies.reading import trusts

ACCOUNT = Account("aws", "eu-west-1", "111122223333")
PROVIDER = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
PIPELINE = trust.pipeline(ACCOUNT, "acme/llm", "production")
IMMUTABLE = trust.pipeline(ACCOUNT, "acme@123/llm@456", "production")


def job_may_enter(policy: str, subject: str, audience: str = "sts.amazonaws.com", provider: str = PROVIDER) -> bool:
    host = "token.actions.githubusercontent.com"
    claims = {f"{host}:aud": audience, f"{host}:sub": subject}
    return trusts(policy, WEB_IDENTITY, {"Federated": provider}, claims)


def test_a_job_of_the_repository_in_the_environment_may_deploy() -> None:
    assert job_may_enter(PIPELINE, "repo:acme/llm:environment:production")


def test_a_job_of_a_repository_whose_subject_carries_numbers_may_deploy() -> None:
    assert job_may_enter(IMMUTABLE, "repo:acme@123/llm@456:environment:production")


@pytest.mark.parametrize(
    "subject",
    [
        "repo:acme/llm:ref:refs/heads/main",
        "repo:acme/llm:ref:refs/tags/v1",
        "repo:acme/llm:pull_request",
        "repo:acme/llm:environment:staging",
        "repo:acme/llm:environment:production-2",
        "repo:acme/llm:environment:Production",
        "repo:acme/llm-fork:environment:production",
        "repo:acme/other:environment:production",
        "repo:evil/llm:environment:production",
        "repo:evil/acme/llm:environment:production",
        "repo:acme/*:environment:production",
        "",
    ],
)
def test_no_branch_no_pull_request_and_no_other_repository_or_environment_may_deploy(subject: str) -> None:
    assert not job_may_enter(PIPELINE, subject)


@pytest.mark.parametrize(
    "subject",
    [
        "repo:acme/llm:environment:production",
        "repo:acme@124/llm@456:environment:production",
        "repo:acme@123/llm@457:environment:production",
    ],
)
def test_a_recycled_name_does_not_stand_for_the_repository_that_had_it(subject: str) -> None:
    assert not job_may_enter(IMMUTABLE, subject)


def test_a_token_for_somebody_else_or_from_another_provider_does_not_count() -> None:
    subject = "repo:acme/llm:environment:production"
    assert not job_may_enter(PIPELINE, subject, audience="https://github.com/acme")
    assert not job_may_enter(PIPELINE, subject, provider=PROVIDER.replace("111122223333", "444455556666"))


def test_a_token_without_a_subject_does_not_count() -> None:
    claims = {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}
    assert not trusts(PIPELINE, WEB_IDENTITY, {"Federated": PROVIDER}, claims)


def test_nobody_takes_the_pipelines_role_with_credentials_of_the_account() -> None:
    assert not trusts(PIPELINE, "sts:AssumeRole", {"AWS": ACCOUNT.root}, {})


def access(**given: Any) -> Access:
    nobody: dict[str, Any] = {"github_repository": None, "github_environment": None, "operator_principal_arns": ()}
    return Access(**{**nobody, "execute_command": False, **given})


def test_without_a_repository_the_accounts_administrators_decide_who_deploys() -> None:
    assert trust.deployer(access(), "production", ACCOUNT) == trust.principals([ACCOUNT.root])


def test_the_pipelines_environment_is_the_stacks_unless_another_is_named() -> None:
    assert trust.deployer(access(github_repository="acme/llm"), "production", ACCOUNT) == PIPELINE
    named = trust.deployer(access(github_repository="acme/llm", github_environment="live"), "production", ACCOUNT)
    assert job_may_enter(named, "repo:acme/llm:environment:live")
    assert not job_may_enter(named, "repo:acme/llm:environment:production")


def test_without_names_the_accounts_administrators_decide_who_operates() -> None:
    ana = "arn:aws:iam::111122223333:role/ana"
    assert trust.operator(access(), ACCOUNT) == trust.principals([ACCOUNT.root])
    assert trust.operator(access(operator_principal_arns=(ana,)), ACCOUNT) == trust.principals([ana])


def test_named_people_may_enter_and_nobody_else() -> None:
    ana, ben = "arn:aws:iam::111122223333:role/ana", "arn:aws:iam::111122223333:role/ben"
    assert trusts(trust.principals([ana]), "sts:AssumeRole", {"AWS": ana}, {})
    assert not trusts(trust.principals([ana]), "sts:AssumeRole", {"AWS": ben}, {})


@pytest.mark.parametrize(
    ("account", "source", "enters"),
    [
        ("111122223333", "arn:aws:ecs:eu-west-1:111122223333:*", True),
        ("444455556666", "arn:aws:ecs:eu-west-1:444455556666:*", False),
        ("111122223333", "arn:aws:ecs:us-east-1:111122223333:*", False),
    ],
)
def test_only_tasks_of_this_account_and_region_take_a_task_role(account: str, source: str, enters: bool) -> None:
    keys = {"aws:SourceAccount": account, "aws:SourceArn": source}
    assert trusts(trust.tasks(ACCOUNT), "sts:AssumeRole", {"Service": "ecs-tasks.amazonaws.com"}, keys) is enters
