"""How models come from the bucket to a host, run with a folder that stands for the bucket."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from stacks.hosts import HOST_FOLDERS, fetch_models

# Lists keys as the real command does with --output text, and copies a prefix; SLOW cuts a copy short.
_AWS = """#!/bin/bash
case "$1 $2" in
  "s3api list-objects-v2") cd "$BUCKET_FOLDER" && keys=$(find models -type f 2> /dev/null | sort); echo ${keys:-None} ;;
  "s3 sync") [ ! -e "$BROKEN" ] || exit 1; cp -r "$BUCKET_FOLDER/${4#s3://*/}." "$5" ;;
esac
"""


@dataclass(frozen=True)
class Host:
    root: Path

    def upload(self, model: str, *, whole: bool = True) -> None:
        folder = self.root / "bucket/models" / model
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text("{}")
        if whole:
            (folder / ".complete").touch()

    def fetch(self) -> "subprocess.CompletedProcess[str]":
        script = fetch_models("bucket").replace(HOST_FOLDERS["models"], str(self.root / "models"))
        variables = {"BUCKET_FOLDER": str(self.root / "bucket"), "BROKEN": str(self.root / "broken")}
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
    for name, body in {"aws": _AWS, "chown": '#!/bin/bash\necho "$*" >> "$BUCKET_FOLDER/../chowned"\n'}.items():
        (tmp_path / "bin" / name).write_text(body)
        (tmp_path / "bin" / name).chmod(0o755)
    return Host(tmp_path)


def test_the_script_is_bash() -> None:
    assert subprocess.run(["bash", "-n"], input=fetch_models("bucket"), text=True, check=False).returncode == 0


def test_a_whole_model_arrives_under_the_name_that_vllm_looks_for_and_belongs_to_vllm(host: Host) -> None:
    host.upload("mistralai/Mistral-7B@v0.3")
    ran = host.fetch()
    assert ran.returncode == 0, ran.stderr
    assert host.has("mistralai/Mistral-7B@v0.3")
    assert "-R 2000:0" in (host.root / "chowned").read_text()


def test_a_model_whose_upload_has_not_ended_is_not_fetched(host: Host) -> None:
    host.upload("new@1", whole=False)
    assert host.fetch().returncode == 0
    assert not host.has("new@1")


def test_a_fetch_that_breaks_off_leaves_nothing_that_looks_like_a_model_and_the_next_one_ends_it(host: Host) -> None:
    host.upload("new@1")
    (host.root / "broken").touch()
    assert host.fetch().returncode != 0
    assert not (host.root / "models/new@1").exists()
    (host.root / "broken").unlink()
    assert host.fetch().returncode == 0
    assert host.has("new@1")


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
