"""How models come from the bucket to a host, run with a folder that stands for the bucket."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from stacks.hosts import INSTANCE_STORE, fetch_models
from stacks.naming import model_marker

# Lists keys as the real command does with --output text, the newest first, and copies a prefix, but not a broken one.
_AWS = """#!/bin/bash
case "$1 $2" in
  "s3api list-objects-v2")
    cd "$BUCKET_FOLDER"
    keys=$(find models -type f -printf '%T@ %p\\n' 2> /dev/null | sort -rn | cut -d' ' -f2)
    echo ${keys:-None} ;;
  "s3 sync")
    case "$4" in *broken*) exit 1 ;; esac
    echo "$4" >> "$BUCKET_FOLDER/../fetched"
    cp -r "$BUCKET_FOLDER/${4#s3://*/}." "$5" ;;
esac
"""


@dataclass(frozen=True)
class Host:
    root: Path

    def upload(self, model: str, *, whole: bool = True, at: float = 1.0) -> None:
        folder = self.root / "bucket/models" / model
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text("{}")
        if whole:
            marker = self.root / "bucket" / model_marker(model)
            marker.touch()
            os.utime(marker, (at, at))

    def remove(self, model: str) -> None:
        shutil.rmtree(self.root / "bucket/models" / model)

    def fill_to(self, percent: int) -> None:
        (self.root / "bin/df").write_text(f"#!/bin/bash\necho 'Use%'; echo ' {percent}%'\n")
        (self.root / "bin/df").chmod(0o755)

    def fetch(self) -> "subprocess.CompletedProcess[str]":
        script = fetch_models("bucket").replace(INSTANCE_STORE, str(self.root))
        variables = {"BUCKET_FOLDER": str(self.root / "bucket")}
        path = {"PATH": f"{self.root / 'bin'}{os.pathsep}/usr/bin:/bin"}
        return subprocess.run(
            ["bash"], input=script, capture_output=True, text=True, check=False, env={**path, **variables}
        )

    def has(self, model: str) -> bool:
        return (self.root / "models" / model / "config.json").exists()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    for folder in ("bin", "bucket", "models"):
        (tmp_path / folder).mkdir()
    (tmp_path / "bin/aws").write_text(_AWS)
    (tmp_path / "bin/aws").chmod(0o755)
    made = Host(tmp_path)
    made.fill_to(30)
    return made


def test_the_script_is_bash() -> None:
    assert subprocess.run(["bash", "-n"], input=fetch_models("bucket"), text=True, check=False).returncode == 0


def test_a_whole_model_arrives_under_the_name_that_vllm_looks_for_and_may_be_read_by_it(host: Host) -> None:
    host.upload("mistralai/Mistral-7B@v0.3")
    ran = host.fetch()
    assert ran.returncode == 0, ran.stderr
    assert host.has("mistralai/Mistral-7B@v0.3")
    assert (host.root / "models/mistralai/Mistral-7B@v0.3/config.json").stat().st_mode & 0o777 == 0o644


def test_a_model_whose_upload_has_not_ended_is_not_fetched(host: Host) -> None:
    host.upload("new@1", whole=False)
    assert host.fetch().returncode == 0
    assert not host.has("new@1")


def test_a_fetch_that_breaks_off_leaves_nothing_that_looks_like_a_model_and_keeps_no_other_from_coming(
    host: Host,
) -> None:
    host.upload("a-broken@1", at=2.0)
    host.upload("b@1")
    assert host.fetch().returncode == 1
    assert not (host.root / "models/a-broken@1").exists()
    assert host.has("b@1")


def test_the_newest_model_comes_first(host: Host) -> None:
    host.upload("a-old@1", at=1.0)
    host.upload("z-new@1", at=2.0)
    host.fetch()
    first, second = (host.root / "fetched").read_text().splitlines()
    assert "z-new@1" in first and "a-old@1" in second


def test_what_the_bucket_no_longer_has_goes_only_once_the_disk_fills(host: Host) -> None:
    for model in ("org/kept@1", "org/old@1"):
        host.upload(model)
    host.fetch()
    host.remove("org/old@1")
    host.fetch()
    assert host.has("org/old@1")
    host.fill_to(80)
    assert "org/old@1 is gone" in host.fetch().stdout
    assert host.has("org/kept@1") and not host.has("org/old@1")


def test_a_bucket_that_shows_nothing_makes_nothing_go(host: Host) -> None:
    """It is more likely a mistake than a wish."""
    host.upload("org/kept@1")
    host.fetch()
    host.remove("org/kept@1")
    host.fill_to(99)
    host.fetch()
    assert host.has("org/kept@1")


def test_a_model_that_is_here_is_not_touched_again(host: Host) -> None:
    host.upload("new@1")
    host.fetch()
    (host.root / "models/new@1/config.json").write_text("in use")
    assert "is here" not in host.fetch().stdout
    assert (host.root / "models/new@1/config.json").read_text() == "in use"


def test_an_empty_bucket_is_no_error(host: Host) -> None:
    assert host.fetch().returncode == 0


def test_a_name_cannot_lead_out_of_the_folder(host: Host) -> None:
    host.upload("..x@1")
    assert "no name of a model" in host.fetch().stderr


def test_the_command_that_fetches_is_installed_where_it_is_missing_and_a_failure_is_tried_again(host: Host) -> None:
    """By the timer, not by the start of the host: a mirror that is away for a minute costs no host."""
    (host.root / "bin/aws").unlink()
    asked = f'#!/bin/bash\n[ "$*" = "install -y -q awscli-2" ] && touch {host.root}/asked\nexit 1\n'
    (host.root / "bin/dnf").write_text(asked)
    (host.root / "bin/dnf").chmod(0o755)
    assert host.fetch().returncode == 1
    assert (host.root / "asked").exists()
