"""`fab environment.destroy` asks twice, and nothing less than both answers changes anything."""

import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from fabric import Config, Executor
from fabric.main import Fab

from scripts import environment, ns
from scripts.aws.clients import Clients
from scripts.console import Console
from scripts.destroy import inventory
from scripts.errors import Refused
from tests.scripts.destroy import staging

_WORDS = ("environment.destroy", "--env", "staging")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    with staging.standing() as found:
        monkeypatch.setattr(environment, "clients", lambda *_args, **_named: found)
        monkeypatch.setattr(sys, "stdin", StringIO())
        yield found


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in on PATH; answers the file with its command lines."""
    argv = tmp_path / "argv"
    command = tmp_path / "pulumi"
    command.write_text(f'#!/bin/sh\necho "$@" >> {argv}\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return argv


def fab(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["fab", *words])
    try:
        Fab(namespace=ns, executor_class=Executor, config_class=Config).run()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def stands(of: Clients) -> bool:
    found = inventory.read(of, "staging")
    assert found.control is not None
    return found.services[0].desired == 2 and found.tables[0].protected and found.control.lease is None


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        ((), "Destroy staging? Nobody can answer here: give --yes"),
        (("--yes",), "Nobody can type it here: give --confirm staging"),
        (("--confirm", "staging"), "Destroy staging? Nobody can answer here"),
        (("--yes", "--confirm", "production"), "--confirm production: expected staging"),
    ],
)
def test_without_a_terminal_only_yes_and_the_name_together_count(
    account: Clients,
    pulumi: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
    reason: str,
) -> None:
    assert fab(monkeypatch, *_WORDS, *flags) == 1
    assert reason in capsys.readouterr().err
    assert stands(account)


def test_without_the_pulumi_command_nothing_begins(
    account: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fab(monkeypatch, *_WORDS, "--yes", "--confirm", "staging") == 1
    assert "the `pulumi` command is not there" in capsys.readouterr().err
    assert stands(account)


def test_from_another_region_where_nothing_would_be_found_nothing_begins(
    pulumi: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with staging.standing() as there:
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        assert fab(monkeypatch, *_WORDS, "--yes", "--confirm", "staging") == 1
        said = capsys.readouterr()
        assert "AWS_REGION is eu-west-1, and switchyard:region of staging is us-east-1" in said.err
        assert said.out == ""
        assert not pulumi.exists() and stands(there)


def test_a_dry_run_needs_no_pulumi_prints_every_call_and_changes_nothing(
    account: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fab(monkeypatch, *_WORDS, "--dry-run") == 0
    said = capsys.readouterr().out
    for part in (
        "UpdateService",
        "SetInstanceProtection",
        "ModifyLoadBalancerAttributes",
        "UpdateTable",
        "BatchDeleteImage",
    ):
        assert part in said
    assert "pulumi destroy --stack staging --yes --non-interactive" in said
    assert stands(account)


def test_with_both_answers_it_goes_and_json_is_one_object(
    account: Clients, pulumi: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, *_WORDS, "--yes", "--confirm", "staging", "--json") == 0
    assert json.loads(capfd.readouterr().out)["environment"] == "staging"
    assert [line.split()[0] for line in pulumi.read_text().splitlines()] == ["stack", "state", "destroy"]
    assert not stands(account)


def test_a_rehearsal_is_ended_by_its_own_task(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fab(monkeypatch, "environment.destroy", "--env", "rehearsal", "--yes", "--confirm", "rehearsal") == 1
    assert "Next:  fab rehearsal.down" in capsys.readouterr().err


@pytest.mark.parametrize("typed", ["", "y", "stagin"])
def test_another_word_than_the_name_is_a_no(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(f"{typed}\n"))
    with pytest.raises(Refused, match="nothing was changed"):
        Console(StringIO(), StringIO(), interactive=True).confirm_by_typing("Really.", "staging", None)


def test_the_name_typed_or_given_is_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("staging\n"))
    asked = StringIO()
    Console(asked, StringIO(), interactive=True).confirm_by_typing("Really.", "staging", None)
    assert asked.getvalue() == "Really. Type staging: "
    Console(StringIO(), StringIO(), interactive=False).confirm_by_typing("Really.", "staging", "staging")
