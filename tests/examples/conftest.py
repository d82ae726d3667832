"""The fixture that the examples' tests share: the gateway between two scripted upstreams."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.stage import Stage, open_stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened
