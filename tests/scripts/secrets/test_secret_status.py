"""What secrets.status shows an engineer, and what it never shows."""

import pytest

from scripts.aws.model import Call
from scripts.errors import HalfWay
from scripts.secrets.names import Kept
from scripts.secrets.setting import put
from scripts.secrets.status import Status, status
from tests.scripts.secrets.house import OLD_KEY, OTHER_KEY, House

DAY_SECONDS = 86400


def look(house: House) -> Status:
    return status(house.world.site, house.vault)


def reads(arn: str, **more: object) -> dict[str, object]:
    return {"Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn, **more}]}


def test_a_secret_is_shown_with_its_age_in_days_and_its_readers() -> None:
    house = House()
    arn = house.world.manifest.secrets.api_keys
    house.vault.policies = {"switchyard-staging-api-execution": [reads(arn)], "switchyard-other-x": [reads(arn)]}
    house.vault.own = {arn: reads(arn, Principal={"AWS": "arn:backup"})}
    house.world.clock.advance(3 * DAY_SECONDS + 60)
    line = next(line for line in look(house).text.splitlines() if line.startswith("api-keys"))
    shown = "api-keys present 3 days never api-execution, arn:backup (by the secret's policy)"
    assert " ".join(line.split()) == shown
    entry = look(house).body["secrets"][0]
    assert (entry["age_days"], entry["roles"], entry["principals"]) == (3, ["api-execution"], ["arn:backup"])


def test_a_value_that_replaced_another_was_rotated_when_it_came() -> None:
    house = House()
    for value in ("t" * 40, "u" * 40):
        house.world.clock.advance(DAY_SECONDS)
        house.rotator.renew(Kept.SMOKE_KEY, value)
    line = next(line for line in look(house).text.splitlines() if line.startswith("smoke-key"))
    assert line.split()[:5] == ["smoke-key", "present", "0", "days", "2026-11-24"]


def test_a_secret_without_a_value_says_how_to_set_it() -> None:
    house = House()
    del house.world.cloud.secrets_since[house.world.manifest.secrets.smoke_key]
    assert "smoke-key has no value, no API task can start: fab secrets.set --env staging smoke-key" in look(house).text


def test_a_client_with_two_keys_is_shown_with_the_command_that_ends_it() -> None:
    house = House()
    house.begin()
    found = look(house)
    finish = "fab secrets.rotate --env staging api-keys --client ana --finish"
    assert f"ana has two keys; once its old one is no longer used: {finish}" in found.text
    assert found.body["moving_clients"] == ["ana"]
    assert finish in found.body["next_commands"]
    house.finish()
    assert "two keys" not in look(house).text


def test_tasks_older_than_a_value_are_counted_until_they_are_rolled() -> None:
    house = House()
    put(house.world.site, house.vault, Kept.OPENAI_KEY, "k" * 40, consented=False)
    text = look(house).text
    assert "2 of 2 API tasks started before openai-key got its value" in text
    assert "fab secrets.roll --env staging" in text
    house.rotator.renew(Kept.SMOKE_KEY, "t" * 40)
    assert "started before" not in look(house).text


def test_keys_that_nobody_can_parse_are_a_finding_and_not_a_failure() -> None:
    house = House()
    house.world.cloud.ecs.secrets[house.world.manifest.secrets.api_keys] = "oops, a plain key"
    found = look(house)
    assert found.body["moving_clients"] is None
    assert "is no set of keys" in found.text
    assert "oops" not in found.text


def test_two_tokens_in_the_preview_rules_are_shown() -> None:
    house = House()
    house.vault.tokens = 2
    assert "preview-token: 2 tokens in the rules, the old one still works" in look(house).text


def test_a_roll_that_stopped_is_shown_with_its_way_out() -> None:
    house = House()

    def stop(call: Call) -> None:
        if call.operation == "UpdateService":
            house.world.cloud.before_write.remove(stop)
            raise KeyboardInterrupt

    house.world.cloud.before_write.append(stop)
    with pytest.raises(HalfWay):
        house.begin()
    found = look(house)
    assert (
        "has not ended, it is at `roll api green`; where it was stopped: fab secrets.roll --env staging" in found.text
    )
    assert found.body["unfinished_since"]


def test_no_value_is_shown_and_nothing_is_changed() -> None:
    house = House()
    calls: list[Call] = []
    house.world.cloud.before_write.append(calls.append)
    found = look(house)
    assert not any(key in found.text + repr(found.body) + house.world.said for key in (OLD_KEY, OTHER_KEY, "s" * 40))
    assert calls == []
