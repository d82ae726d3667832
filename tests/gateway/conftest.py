"""The fixture that most tests of the gateway need."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.stage import Stage, open_stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened
