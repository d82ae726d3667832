"""OpenAI's own client, in front of a gateway with scripted upstreams. It repeats nothing: each request counts."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from tests.gateway.conformance.background import PATIENT
from tests.gateway.stage import KEY, Stage


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[openai.AsyncOpenAI]:
    await stage.start(limits=PATIENT)
    async with openai.AsyncOpenAI(**_told(stage)) as opened:
        yield opened


@pytest.fixture
async def blocking_client(stage: Stage) -> AsyncIterator[openai.OpenAI]:
    """To be called in a thread: the gateway needs the loop."""
    await stage.start(limits=PATIENT)
    with openai.OpenAI(**_told(stage)) as opened:
        yield opened


def _told(stage: Stage) -> dict[str, Any]:
    return {"base_url": f"http://127.0.0.1:{stage.port}/v1", "api_key": KEY, "max_retries": 0}
