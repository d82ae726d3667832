from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from rehearsal.cloud.server import Cloud

REGION = "us-east-1"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    running = Cloud(REGION)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def client(cloud: Cloud) -> Callable[[str], Any]:
    def make(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=cloud.endpoint_url,
            region_name=REGION,
            aws_access_key_id="deployer",
            aws_secret_access_key="rehearsal",
        )

    return make
