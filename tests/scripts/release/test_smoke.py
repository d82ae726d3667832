"""Smoke: a colour must answer as the release that it claims to be."""

import pytest

from scripts.errors import Refused
from scripts.release.asking_one import ask
from stacks.naming import Colour
from tests.scripts.examples import digest
from tests.scripts.world import NEW_API, World


def test_the_candidate_is_asked_where_there_is_one() -> None:
    world = World().live()
    world.deploy(NEW_API)
    assert ask(world.site, None).colour is Colour.BLUE


def test_live_is_asked_where_there_is_no_candidate_and_on_demand() -> None:
    world = World().live()
    assert ask(world.site, None).colour is Colour.GREEN
    world.deploy(NEW_API)
    assert ask(world.site, True).colour is Colour.GREEN


def test_every_address_is_asked() -> None:
    world = World().live()
    world.door.answers.clear()
    ask(world.site, True)
    assert {address for address, _ in world.door.answers} == set(world.door.delays)


def test_an_answer_from_openai_is_not_one_from_the_candidate() -> None:
    world = World().live()
    world.door.wrong_models = {digest("vllm-1")}
    with pytest.raises(Refused, match=r"tier openai, expected .* tier vllm"):
        ask(world.site, True)


def test_an_empty_environment_has_nobody_to_ask() -> None:
    with pytest.raises(Refused, match="there is no live release"):
        ask(World().site, None)
