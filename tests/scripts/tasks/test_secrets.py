"""The secrets' tasks through Fabric's own program: what is refused, and that no value reaches a screen."""

import os
import sys
from io import StringIO
from pathlib import Path

import pytest
from fabric import Config, Executor
from fabric.main import Fab

from scripts import ns

OLD = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def _shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SWITCHYARD_ENV", raising=False)
    monkeypatch.setenv("SWITCHYARD_REHEARSAL_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", StringIO(OLD))


def fab(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run `fab WORDS` in this process; answers the exit code."""
    monkeypatch.setattr(sys, "argv", ["fab", *words])
    try:
        Fab(namespace=ns, executor_class=Executor, config_class=Config).run()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `pulumi` whose settings are files, and that writes down its arguments."""
    script = folder / "pulumi"
    script.write_text(
        f'#!/bin/sh\ncd {folder}\necho "$@" >> arguments\n[ "$2" = rm ] && exec rm "$3"\n'
        '[ "$2" = get ] && exec cat "$3"\nexec cat > "$4"\n'
    )
    script.chmod(0o755)
    (folder / "previewToken").write_text(OLD)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("secrets.set", "preview-token"), "expected api-keys or smoke-key or openai-key"),
        (("secrets.rotate", "api-keys"), "--client NAME belongs to api-keys"),
        (("secrets.rotate", "smoke-key", "--client", "ana"), "--client NAME belongs to api-keys"),
        (("secrets.rotate", "openai-key", "--finish"), "there is nothing to finish"),
        (("secrets.rotate", "preview-token"), "a rehearsal has no Pulumi stack"),
        (("secrets.set", "openai-key"), "no rehearsal runs"),
    ],
)
def test_what_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    assert fab(monkeypatch, *words, "--env", "rehearsal") == 1
    shown = capsys.readouterr()
    assert says in shown.err
    assert OLD not in shown.err + shown.out


def test_a_refusal_comes_before_the_value_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fab(monkeypatch, "secrets.set", "openai-key", "--env", "rehearsal")
    assert sys.stdin.read() == OLD


def test_the_preview_token_is_replaced_in_two_phases_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = stand_in(tmp_path, monkeypatch)
    rotate = ("secrets.rotate", "preview-token", "--env", "staging")
    assert fab(monkeypatch, *rotate) == 0
    fresh = (settings / "previewToken").read_text()
    assert (settings / "previousPreviewToken").read_text() == OLD != fresh
    assert fab(monkeypatch, *rotate, "--finish") == 1
    assert fab(monkeypatch, *rotate, "--finish", "--yes") == 0
    assert not (settings / "previousPreviewToken").exists()
    shown = capsys.readouterr()
    assert "pulumi up --stack staging" in shown.err
    everything = shown.err + shown.out + (settings / "arguments").read_text()
    assert [value for value in (OLD, fresh) if value in everything] == []


def test_a_dry_run_prints_what_to_type_and_changes_no_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = stand_in(tmp_path, monkeypatch)
    assert fab(monkeypatch, "secrets.rotate", "preview-token", "--env", "staging", "--dry-run") == 0
    assert "pulumi config set --secret previousPreviewToken" in capsys.readouterr().out
    assert not (settings / "arguments").exists()
