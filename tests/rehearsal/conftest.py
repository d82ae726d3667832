from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.addresses import free_port
from rehearsal.settings import RehearsalSettings
from rehearsal.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A rehearsal of its own: temporary folder, free port. Started once a module."""
    folder: Path = tmp_path_factory.mktemp("rehearsal")
    running = World(RehearsalSettings(folder=folder, port=free_port()), lambda line: None)
    running.up()
    yield running
    running.down()
