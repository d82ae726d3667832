"""The topic, its key and the budget: private, encrypted, and able to be told by those who must."""

import json
from typing import Any

from stacks.accounts import Account
from stacks.policies.topic import PUBLISHERS, key_policy, topic_policy
from tests.stacks.declared import Program

ACCOUNT = Account("aws", "us-east-1", "111122223333")
TOPIC = ACCOUNT.arn("sns", "alerts")


def statements(document: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(document)["Statement"]
    return found


def test_only_this_accounts_alarms_and_budget_publish() -> None:
    allowed = [found for found in statements(topic_policy(ACCOUNT, TOPIC)) if found["Effect"] == "Allow"]
    (publish,) = allowed
    assert publish["Principal"] == {"Service": list(PUBLISHERS)}
    assert publish["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    assert publish["Resource"] == TOPIC


def test_nothing_is_published_without_tls() -> None:
    (deny,) = [found for found in statements(topic_policy(ACCOUNT, TOPIC)) if found["Effect"] == "Deny"]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_publishers_may_encrypt_with_the_topics_key_because_awss_own_key_lets_them_not() -> None:
    (encrypt,) = [found for found in statements(key_policy(ACCOUNT)) if "Service" in found["Principal"]]
    assert set(encrypt["Principal"]["Service"]) == set(PUBLISHERS)
    assert {"kms:Decrypt", "kms:GenerateDataKey*"} == set(encrypt["Action"])


def test_the_topic_is_encrypted_with_a_key_that_rotates(program: Program) -> None:
    assert program.one("alerts-topic").inputs["kmsMasterKeyId"].endswith("alerts-key")
    assert program.one("alerts-key").inputs["enableKeyRotation"] is True


def test_the_budget_counts_one_environment_and_tells_before_and_when_it_is_spent(program: Program) -> None:
    (budget,) = program.of("Budget")
    environment = budget.inputs["name"].split("-")[1]
    (mine,) = budget.inputs["costFilters"]
    assert mine["values"] == [f"user:SwitchyardStack$switchyard-{environment}"]
    told = {(found["notificationType"], found["threshold"]) for found in budget.inputs["notifications"]}
    assert told == {("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}
    assert all(found["subscriberSnsTopicArns"] for found in budget.inputs["notifications"])


def test_everything_that_costs_carries_the_tag_that_the_budget_counts_by(program: Program) -> None:
    (provider,) = [found for found in program.all if found.type == "pulumi:providers:aws"]
    assert '"SwitchyardStack"' in provider.inputs["defaultTags"]
    (host,) = program.of("LaunchTemplate")
    assert all("SwitchyardStack" in found["tags"] for found in host.inputs["tagSpecifications"])


def test_each_address_is_asked_to_confirm(recorded: dict[str, Any]) -> None:
    (mail,) = Program(recorded["rehearsal"]).of("TopicSubscription")
    assert (mail.inputs["protocol"], mail.inputs["endpoint"]) == ("email", "oncall@example.com")
