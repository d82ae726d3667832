"""The door without the release engine: weights and counts moved with boto3 under load, and what becomes of requests."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rehearsal.story.load import Load
from rehearsal.traffic.accounting import Tally
from rehearsal.world import World
from stacks.naming import Colour, Part
from tests.rehearsal.by_hand import Hand

pytestmark = pytest.mark.slow

RATE_PER_SECOND = 15.0


@pytest.fixture(scope="module")
def hand(world: World) -> Hand:
    """Both colours up and healthy, all weight on blue."""
    ready = Hand(world)
    ready.run(Colour.BLUE)
    ready.run(Colour.GREEN)
    return ready


@pytest.fixture(autouse=True)
def blue_is_live(world: World, hand: Hand) -> Iterator[None]:
    """Every test starts from two healthy colours with the weight on blue, and leaves them so."""
    yield
    world.heal(None)
    hand.deregistration_delay(int(hand.manifest.policy.deregistration_delay_seconds))
    hand.scale(Part.API, Colour.BLUE, 2)
    hand.wait(lambda: hand.states(Part.API, Colour.BLUE) == ["healthy", "healthy"])
    hand.weights(1, 0)
    time.sleep(1)


class Traffic:
    """Load while a block runs; `tally` afterwards."""

    tally: Tally


@contextmanager
def traffic(world: World) -> Iterator[Traffic]:
    load, seen = Load(world, RATE_PER_SECOND), Traffic()
    load.start()
    try:
        time.sleep(2)
        yield seen
        time.sleep(1)
    finally:
        load.stop()
    seen.tally = load.account([]).total


def test_moving_the_weights_under_load_loses_nothing(world: World, hand: Hand) -> None:
    with traffic(world) as seen:
        for blue, green in ((0, 1), (1, 0), (1, 1), (0, 1)):
            hand.weights(blue, green)
            time.sleep(1.5)
    assert seen.tally.requests > 50
    assert seen.tally.answered == seen.tally.requests
    assert seen.tally.duplicated == 0
    assert set(seen.tally.by_colour) == {"blue", "green"}


def test_stopping_the_old_colour_after_draining_loses_nothing(world: World, hand: Hand) -> None:
    with traffic(world) as seen:
        hand.weights(0, 1)
        # One node applies weights a second late, and a busy machine is later still.
        time.sleep(4)
        hand.scale(Part.API, Colour.BLUE, 0)
        hand.wait(lambda: hand.states(Part.API, Colour.BLUE) == [])
    assert seen.tally.answered == seen.tally.requests


def test_without_a_deregistration_delay_the_accounting_reports_cut_streams(world: World, hand: Hand) -> None:
    hand.deregistration_delay(0)
    with traffic(world) as seen:
        hand.weights(0, 1)
        hand.scale(Part.API, Colour.BLUE, 0)
        hand.wait(lambda: hand.states(Part.API, Colour.BLUE) == [])
    assert seen.tally.cut > 0


def test_stopping_the_old_colour_before_every_node_knows_is_reported_as_lost(world: World, hand: Hand) -> None:
    world.set_fault("propagation-delay", None, "4")
    with traffic(world) as seen:
        hand.weights(0, 1)
        hand.scale(Part.API, Colour.BLUE, 0)
        time.sleep(4)
    assert seen.tally.lost > 0
