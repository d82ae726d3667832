"""The program under the real engine: what only the `pulumi` command can show. Where it is absent, nothing is shown.

A preview on a backend of files, in a copy of the repository, against an imitated AWS; nothing is made.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from stacks.offline.declaration import declared
from tests.stacks.examples import OWNER, SECRET

ROOT = Path(__file__).resolve().parents[2]
_COPIED = ("Pulumi.yaml", "pyproject.toml", "stacks", "monitoring")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("pulumi") is None, reason="the pulumi command is not here: the engine's own behaviour is not run"
    ),
]


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def pulumi(tmp_path: Path, endpoint: str) -> "Engine":
    for name in _COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "state").mkdir()
    return Engine(tmp_path, endpoint)


class Engine:
    """The command, with a backend, credentials and an AWS of its own."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self._folder = folder
        self._variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))},
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": endpoint,
        }

    def __call__(self, *arguments: str, standard_input: str | None = None) -> str:
        ran = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self._folder,
            env=self._variables,
            input=standard_input,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


def test_the_engine_previews_what_the_program_declares(pulumi: Engine) -> None:
    pulumi("stack", "init", "staging")
    for key, value in OWNER.items():
        pulumi("config", "set", *(("--secret",) if key in SECRET else ()), key, standard_input=value)
    steps = json.loads(pulumi("preview", "--json"))["steps"]
    made = {step["newState"]["type"] for step in steps if step["op"] == "create" and "aws:" in step["urn"]}
    assert made >= {found.type for found in declared("staging").aws if "route53" not in found.type} - {
        *("aws:acm/certificate:Certificate", "aws:acm/certificateValidation:CertificateValidation"),
        "aws:sns/topicSubscription:TopicSubscription",
    }
