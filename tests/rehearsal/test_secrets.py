"""Secrets replaced under load: whole tasks, whole gateways, and every request accounted for."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rehearsal import invitation
from rehearsal.processes import base_environment
from rehearsal.settings import REPOSITORY
from rehearsal.story.load import Load
from rehearsal.world import World
from tests.rehearsal.fab import Fab

pytestmark = pytest.mark.slow

RATE_PER_SECOND = 10.0


@pytest.fixture(scope="module")
def fab(world: World) -> Fab:
    """The tasks, with a first release live."""
    tasks = Fab(world.settings.folder)
    for arguments in (invitation.first_release(), ["switchover"]):
        ended = tasks(*arguments)
        assert ended.code == 0, ended.said
    return tasks


@contextmanager
def load(world: World) -> Iterator[None]:
    """Requests with the key of the client `traffic`, none of which may be lost, cut or refused."""
    running = Load(world, RATE_PER_SECOND)
    running.start()
    try:
        time.sleep(1)
        yield
        time.sleep(1)
    finally:
        running.stop()
    tally = running.account([]).total
    assert tally.requests > RATE_PER_SECOND
    assert tally.answered == tally.requests, tally


def test_a_client_moves_to_a_new_key_and_loses_no_request(world: World, fab: Fab) -> None:
    with load(world):
        begun = fab("secrets.rotate", "api-keys", "--client", "traffic")
    assert begun.code == 0, begun.said
    key = begun.answer["key"]
    assert key not in begun.said
    assert fab("secrets.status").answer["moving_clients"] == ["traffic"]
    assert fab("secrets.rotate", "api-keys", "--client", "traffic").answer["key"] == key
    with load(world):
        other = fab("secrets.rotate", "smoke-key")
    assert other.code == 0, other.said
    assert fab("smoke").code == 0


def test_a_value_is_read_from_standard_input_and_is_in_every_task_after_a_roll(world: World, fab: Fab) -> None:
    value = "sk-openai-" + os.urandom(16).hex()
    command = [str(REPOSITORY / ".venv/bin/fab"), "secrets.set", "openai-key", "--env", "rehearsal"]
    place = base_environment() | {"SWITCHYARD_REHEARSAL_DIR": str(world.settings.folder)}
    ended = subprocess.run(command, cwd=REPOSITORY, env=place, input=value, capture_output=True, text=True, check=True)
    assert value not in ended.stdout + ended.stderr
    assert {entry["old_tasks"] for entry in fab("secrets.status").answer["secrets"]} == {0, 2}
    with load(world):
        assert fab("secrets.roll").code == 0
    assert {entry["old_tasks"] for entry in fab("secrets.status").answer["secrets"]} == {0}
