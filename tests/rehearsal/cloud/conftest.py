from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rehearsal.cloud.server import Cloud
from tests import sdk

REGION = "us-east-1"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Without Amazon's machine images, of which moto would make 1300 each time."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    running = Cloud(REGION)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def client(cloud: Cloud) -> Callable[[str], Any]:
    session = sdk.session("deployer")

    def make(service: str) -> Any:
        return session.create_client(service, region_name=REGION, endpoint_url=cloud.endpoint_url)

    return make
