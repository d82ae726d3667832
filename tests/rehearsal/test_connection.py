import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rehearsal.connection import Connection, read
from rehearsal.errors import NotRunning
from rehearsal.images import image
from rehearsal.invitation import text
from rehearsal.remote import stop
from rehearsal.settings import RehearsalSettings


@pytest.fixture
def connection() -> Connection:
    return Connection(
        endpoint_url="http://127.0.0.1:1",
        region="us-east-1",
        public_url="https://127.0.0.1:8443",
        nodes=("127.0.0.1:8443", "127.0.0.2:8443"),
        ca_file="/tmp/ca.pem",
        control_url="http://127.0.0.1:2",
        pid=1,
        started_at="2026-11-22T03:00:00+00:00",
    )


def test_it_reads_what_it_wrote(connection: Connection, tmp_path: Path) -> None:
    connection.write(tmp_path / "connection.json")
    assert read(tmp_path / "connection.json") == connection


def test_without_a_rehearsal_the_next_command_is_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match=r"fab rehearsal\.up"):
        read(tmp_path / "connection.json")


def test_a_killed_rehearsal_is_not_taken_for_a_running_one(connection: Connection, tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    replace(connection, pid=gone.pid).write(tmp_path / "connection.json")
    with pytest.raises(NotRunning, match="was killed"):
        read(tmp_path / "connection.json")


def test_stopping_where_nothing_runs_is_no_error(tmp_path: Path) -> None:
    assert stop(RehearsalSettings(folder=tmp_path / "none")) is False


def test_the_invitation_has_lines_to_paste_with_real_digests(connection: Connection, tmp_path: Path) -> None:
    shown = text(connection, tmp_path / "api-key")
    assert f"fab deploy-green --env rehearsal --api-image {image('api-1').digest}" in shown
    assert "--cacert /tmp/ca.pem" in shown
    assert "https://127.0.0.1:8443/v1/chat/completions" in shown
