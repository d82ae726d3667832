"""How a task finds its environment, and what it says where it cannot."""

import json
import os
import socket
import time
from io import StringIO
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from scripts.console import Console
from scripts.environment import clients, connect, known
from scripts.errors import Refused
from stacks.manifest import ITEM_KEY, to_json
from tests.scripts.examples import manifest


@pytest.fixture(autouse=True)
def _shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [found for found in os.environ if found.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SWITCHYARD_REHEARSAL_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def console() -> Console:
    return Console(StringIO(), StringIO(), interactive=False)


def write_connection(folder: Path, endpoint: str, pid: int | None = None) -> None:
    connection = {
        "endpoint_url": endpoint,
        "region": "us-east-1",
        "public_url": "https://127.0.0.1:8443",
        "nodes": ["127.0.0.1:8443", "127.0.0.2:8443"],
        "ca_file": None,
        "control_url": "http://127.0.0.1:1",
        "pid": pid or os.getpid(),
        "started_at": "2026-11-22T03:00:00+00:00",
    }
    (folder / "connection.json").write_text(json.dumps(connection))


def test_an_unknown_environment_lists_the_known_ones() -> None:
    assert {"staging", "production", "rehearsal"} <= set(known())
    with pytest.raises(Refused, match=r"unknown environment 'stagin': there are settings for .*staging"):
        connect("stagin", console())


@pytest.mark.parametrize("url", ["http://127.0.0.1:4566", "http://localhost:4566", "http://[::1]:4566"])
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECS"])
def test_a_real_environment_refuses_an_endpoint_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    monkeypatch.setenv(name, url)
    with pytest.raises(Refused, match="is this machine and not AWS"):
        connect("staging", console())


@pytest.mark.parametrize("name", ["staging", "production"])
def test_a_shell_in_another_region_is_refused_where_no_manifest_would_tell(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with pytest.raises(Refused, match=rf"AWS_REGION is eu-west-1, and switchyard:region of {name} is us-east-1: unset"):
        clients(name)


def test_the_settings_region_is_used_where_the_shell_has_the_same_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clients("staging").region == "us-east-1"
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert clients("staging").region == "us-east-1"


def test_no_rehearsal_says_how_to_start_one() -> None:
    with pytest.raises(Refused, match="no rehearsal runs") as refused:
        connect("rehearsal", console())
    assert refused.value.next_command == "fab rehearsal.up"


def test_a_rehearsal_whose_process_is_gone_is_not_there(tmp_path: Path) -> None:
    write_connection(tmp_path, "http://127.0.0.1:1", pid=2**22 + 1)
    with pytest.raises(Refused, match="is gone"):
        connect("rehearsal", console())


def test_a_rehearsal_is_reached_by_its_connection_and_nothing_of_the_shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        write_connection(tmp_path, f"http://{host}:{port}")
        with pytest.raises(Refused, match=r"no manifest of rehearsal: .* run `pulumi up`"):
            connect("rehearsal", console())
        put_manifest(f"http://{host}:{port}", body=None)
        with pytest.raises(Refused, match=r"no manifest in table switchyard-rehearsal-ledger: run `pulumi up`"):
            connect("rehearsal", console())
        put_manifest(f"http://{host}:{port}", body=to_json(manifest("rehearsal")))
        site = connect("rehearsal", console())
        assert site.manifest == manifest("rehearsal")
        assert site.door.addresses() == ("127.0.0.1:8443", "127.0.0.2:8443")
    finally:
        server.stop()
    assert not [name for name in os.environ if name.startswith("AWS_")]
    again, said = StringIO(), StringIO()
    kept = connect("rehearsal", Console(again, said, interactive=False))
    assert kept.manifest == manifest("rehearsal")
    assert "the manifest that this machine saw last" in again.getvalue()


def test_in_haste_a_ledger_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        write_connection(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}")
        (tmp_path / f"manifest-{os.getpid()}.json").write_text(to_json(manifest("rehearsal")))
        said, began = StringIO(), time.monotonic()
        site = connect("rehearsal", Console(said, said, interactive=False), in_haste=True)
        assert time.monotonic() - began < 4
    assert site.manifest == manifest("rehearsal")
    assert "the manifest that this machine saw last" in said.getvalue()


def put_manifest(endpoint: str, body: str | None) -> None:
    from scripts.aws.clients import Clients
    from scripts.aws.table import DynamoTable
    from tests import sdk
    from tests.scripts.moto_environment import make_table

    found = Clients(sdk.session("pulumi"), "us-east-1", endpoint)
    if body is None:
        make_table(found, "switchyard-rehearsal-ledger")
    else:
        DynamoTable(found, "switchyard-rehearsal-ledger").put({**ITEM_KEY, "body": body})
