"""The preview token: two settings for a while, through the `pulumi` command, never as an argument."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scripts.errors import HalfWay, Refused
from scripts.secrets import preview_token as tokens

OLD = "0" * 64


@dataclass
class FakePulumi:
    """The settings of one stack. `fails` are words after which a call fails."""

    settings: dict[str, str] = field(default_factory=lambda: {tokens.TOKEN: OLD})
    fails: str = "nothing"
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, arguments: Sequence[str], given: str | None) -> str | None:
        self.calls.append(tuple(arguments))
        words = [word for word in arguments if not word.startswith("-")]
        if self.fails in " ".join(words):
            return None
        _, verb, key = words[:3]
        if verb == "set":
            self.settings[key] = str(given)
            return ""
        return self.settings.pop(key, None) if verb == "rm" else self.settings.get(key)


def test_the_present_token_is_kept_beside_a_fresh_one() -> None:
    pulumi = FakePulumi()
    assert tokens.begin("staging", pulumi)
    assert pulumi.settings[tokens.PREVIOUS] == OLD
    assert len(bytes.fromhex(pulumi.settings[tokens.TOKEN])) == 32
    assert pulumi.settings[tokens.TOKEN] != OLD


def test_no_value_becomes_an_argument_and_every_call_names_the_stack() -> None:
    pulumi = FakePulumi()
    tokens.begin("staging", pulumi)
    assert not any(value in " ".join(call) for call in pulumi.calls for value in pulumi.settings.values())
    assert all("--stack staging" in " ".join(call) for call in pulumi.calls)
    assert all("--secret" in call for call in pulumi.calls if "set" in call)


def test_a_second_rotation_before_the_end_of_the_first_loses_no_token() -> None:
    pulumi = FakePulumi()
    tokens.begin("staging", pulumi)
    settings = dict(pulumi.settings)
    assert not tokens.begin("staging", pulumi)
    assert pulumi.settings == settings


def test_a_rerun_ends_a_rotation_that_stopped_between_its_two_writes() -> None:
    pulumi = FakePulumi(fails=f"set {tokens.TOKEN}")
    with pytest.raises(HalfWay, match="nothing is lost") as stopped:
        tokens.begin("staging", pulumi)
    assert stopped.value.next_command == "fab secrets.rotate --env staging preview-token"
    pulumi.fails = "nothing"
    assert tokens.begin("staging", pulumi)
    assert pulumi.settings[tokens.PREVIOUS] == OLD != pulumi.settings[tokens.TOKEN]


def test_the_first_write_that_fails_changes_nothing() -> None:
    pulumi = FakePulumi(fails=f"set {tokens.PREVIOUS}")
    with pytest.raises(Refused, match="nothing was changed"):
        tokens.begin("staging", pulumi)
    assert pulumi.settings == {tokens.TOKEN: OLD}


def test_the_end_forgets_the_old_token_after_asking() -> None:
    pulumi, asked = FakePulumi(), list[str]()
    tokens.begin("staging", pulumi)
    assert tokens.finish("staging", pulumi, asked.append)
    assert set(pulumi.settings) == {tokens.TOKEN}
    assert asked == ["Has `pulumi up --stack staging` run since the new token was made, so that the rules take it?"]


def test_the_end_without_a_beginning_is_already_so() -> None:
    assert not tokens.finish("staging", FakePulumi(), pytest.fail)


@pytest.mark.parametrize("verb", ["begin", "finish"])
def test_a_pulumi_that_cannot_be_reached_is_not_taken_for_a_missing_setting(verb: str) -> None:
    pulumi = FakePulumi(fails="config get")
    with pytest.raises(Refused, match=r"the account's owner, not to the operator.* log in to Pulumi"):
        _ = tokens.begin("staging", pulumi) if verb == "begin" else tokens.finish("staging", pulumi, pytest.fail)
    assert not [call for call in pulumi.calls if "set" in call or "rm" in call]


def test_without_the_command_the_refusal_says_what_to_type() -> None:
    with pytest.raises(Refused) as refused:
        tokens.begin("staging", None)
    assert "there is no `pulumi` command here" in str(refused.value)
    assert "with the owner's credentials" in str(refused.value)
    for line in tokens.begin_lines("staging"):
        assert f"  {line}\n" in f"{refused.value}\n"
    with pytest.raises(Refused, match="pulumi config rm previousPreviewToken --stack staging"):
        tokens.finish("staging", None, pytest.fail)


def test_the_real_command_gets_the_value_on_its_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for `pulumi` that writes down how it was called."""
    stand_in = tmp_path / "pulumi"
    stand_in.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\ncat >> {tmp_path}/given\npwd > {tmp_path}/place\n'
    )
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    pulumi = tokens.pulumi_command()
    assert pulumi is not None
    assert pulumi(["config", "set", "--secret", tokens.TOKEN], OLD) == ""
    assert (tmp_path / "given").read_text() == OLD
    assert OLD not in (tmp_path / "arguments").read_text()
    assert (Path((tmp_path / "place").read_text().strip()) / "Pulumi.yaml").exists()


def test_what_a_failing_command_says_is_not_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = tmp_path / "pulumi"
    stand_in.write_text("#!/bin/sh\ncat >&2\nexit 1\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    pulumi = tokens.pulumi_command()
    assert pulumi is not None
    assert pulumi(["config", "set", "--secret", tokens.TOKEN], OLD) is None
