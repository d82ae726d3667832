"""What the image promises, as far as it can be read from its Dockerfile."""

import json
import re
import subprocess
from pathlib import Path

import pytest

APP_IMAGE = Path(__file__).parents[2] / "app_image"
LINES = (APP_IMAGE / "Dockerfile").read_text().replace("\\\n", "").splitlines()


def test_the_base_image_is_given_by_the_build_and_never_invented() -> None:
    assert {line for line in LINES if line.startswith("ARG ")} == {"ARG PYTHON_IMAGE"}
    assert all(line.split()[1] == "${PYTHON_IMAGE}" for line in LINES if line.startswith("FROM "))


@pytest.mark.parametrize(("image", "status"), [("python:3.11-slim", 1), ("python@sha256:" + "0" * 64, 0), ("", 1)])
def test_a_base_image_without_digest_stops_the_build(image: str, status: int) -> None:
    (check,) = [run for run in _values("RUN") if "PYTHON_IMAGE" in run]
    ended = subprocess.run(["sh", "-c", check], env={"PYTHON_IMAGE": image}, capture_output=True, text=True)
    assert ended.returncode == status
    assert status == 0 or "a tag can move" in ended.stderr


def test_the_process_is_not_root_and_has_no_shell_around_it() -> None:
    (user,) = _values("USER")
    (command,) = _values("CMD")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert json.loads(command) == ["python", "-m", "gateway"]


def test_dependencies_come_from_the_lock_by_hash() -> None:
    (install,) = [json.loads(run) for run in _values("RUN") if '"install"' in run]
    assert {"--require-hashes", "--no-deps"} <= set(install)
    assert install[-1].endswith("requirements.lock")


def test_the_ports_are_those_of_the_contract() -> None:
    assert _values("EXPOSE") == ["8080 9090"]


def test_only_what_the_image_needs_is_sent_to_the_build() -> None:
    ignored = (APP_IMAGE / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == {"requirements.lock", "gateway"}


def _values(instruction: str) -> list[str]:
    return [line.removeprefix(instruction).strip() for line in LINES if line.startswith(f"{instruction} ")]
