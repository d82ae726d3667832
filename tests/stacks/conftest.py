"""What the program declares: each environment with outputs, and one preview without."""

from typing import Any

import pytest

from tests.stacks.declared import Program


@pytest.fixture(params=["rehearsal", "staging", "production"])
def program(recorded: dict[str, Any], request: pytest.FixtureRequest) -> Program:
    """Each environment in turn."""
    return Program(recorded[request.param])


@pytest.fixture
def production(recorded: dict[str, Any]) -> Program:
    return Program(recorded["production"])


@pytest.fixture
def preview(recorded: dict[str, Any]) -> Program:
    return Program(recorded["preview"])
