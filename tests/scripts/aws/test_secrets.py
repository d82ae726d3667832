"""Secrets and the policies that open them, read through boto3 from moto."""

import json
from collections.abc import Iterator

import pytest

from scripts.aws import calls
from scripts.aws.clients import Clients
from scripts.aws.model import Call, Hidden
from scripts.aws.secrets import AwsVault
from tests.scripts.moto_environment import clients, make_rule

VALUE = "k3y-0123456789"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def account() -> Iterator[Clients]:
    with clients() as found:
        yield found


def make_secret(of: Clients) -> str:
    return str(of.write("secretsmanager").create_secret(Name="switchyard/staging/api-keys")["ARN"])


def put(of: Clients, arn: str, value: str, token: str) -> Call:
    call = Call(
        "secretsmanager",
        "PutSecretValue",
        {"SecretId": arn, "ClientRequestToken": token.ljust(32, "0"), "SecretString": Hidden(value)},
    )
    calls.execute(of, call)
    return call


def test_a_place_without_a_value_has_no_date_and_no_value(account: Clients) -> None:
    arn = make_secret(account)
    vault = AwsVault(account)
    assert (vault.versions(arn).since, vault.value(arn)) == (None, None)


def test_a_hidden_value_arrives_and_prints_as_nothing(account: Clients) -> None:
    arn = make_secret(account)
    call = put(account, arn, VALUE, "one")
    assert AwsVault(account).value(arn) == VALUE
    assert VALUE not in repr(call) + str(call) + json.dumps(call.parameters, default=str)


def test_a_value_that_replaced_another_says_so(account: Clients) -> None:
    arn, vault = make_secret(account), AwsVault(account)
    put(account, arn, VALUE, "one")
    assert not vault.versions(arn).replaced
    put(account, arn, VALUE + "-2", "two")
    found = vault.versions(arn)
    assert found.replaced
    assert found.since is not None


def test_only_roles_of_the_environment_are_looked_into(account: Clients) -> None:
    iam = account.write("iam")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    for name in ("switchyard-staging-host", "switchyard-production-host"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName=name, PolicyName="host", PolicyDocument=json.dumps(document))
    (found,) = AwsVault(account).role_policies("switchyard-staging-")
    assert (found.role, found.documents) == ("switchyard-staging-host", (document,))


def test_a_secret_s_own_policy_is_read_and_may_be_missing(account: Clients) -> None:
    arn, vault = make_secret(account), AwsVault(account)
    assert vault.resource_policy(arn) is None
    own = {"Version": "2012-10-17", "Statement": []}
    account.write("secretsmanager").put_resource_policy(SecretId=arn, ResourcePolicy=json.dumps(own))
    assert vault.resource_policy(arn) == own


def test_the_tokens_of_a_preview_rule_are_counted(account: Clients) -> None:
    arn, _ = make_rule(account)
    assert AwsVault(account).preview_tokens(arn) == 1
