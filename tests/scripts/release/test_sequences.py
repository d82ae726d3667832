"""Every sequence of three commands, from a fresh live release: nothing in use stops, nothing unused is forgotten."""

import itertools
from collections.abc import Callable
from enum import StrEnum

import pytest

from scripts.errors import Refused
from scripts.release.book import Book, Role
from scripts.release.model import Change, Placement
from stacks.naming import Colour, Part
from tests.scripts.examples import MAXIMUM, MINIMUM, digest
from tests.scripts.world import World


class Act(StrEnum):
    """What an operator may do next."""

    API = "deploy-api"
    MODEL = "deploy-model"
    ABORT = "abort"
    SWITCH = "switchover"
    ROLLBACK = "rollback"
    SETTLE = "settle"


SEQUENCES = list(itertools.product(Act, repeat=3))


def act(world: World, what: Act, number: int) -> bool:
    """Whether it was done. A refusal is an answer too: the invariants must hold after it."""
    commands: dict[Act, Callable[[], object]] = {
        Act.API: lambda: world.deploy(Change(api_image=digest(f"api-{number}"))),
        Act.MODEL: lambda: world.deploy(Change(model="resume", revision=f"rev-{number}")),
        Act.ABORT: world.abort,
        Act.SWITCH: world.switchover,
        Act.ROLLBACK: world.rollback,
        Act.SETTLE: world.settle,
    }
    try:
        commands[what]()
    except Refused:
        assert world.book.operation is None
        return False
    return True


def occupants(book: Book) -> list[Placement]:
    return [entry.placement for entry in (book.live, book.idle) if entry]


def problems(world: World) -> list[str]:
    """What an operator would find wrong afterwards."""
    book, ecs = world.book, world.cloud.ecs
    used = {(Part.API, p.colour) for p in occupants(book)} | {(Part.VLLM, p.model_colour) for p in occupants(book)}
    found = list(world.cloud.violations)
    for (part, colour), service in ecs.slots.items():
        is_used, running = (part, colour) in used, ecs.healthy((part, colour), world.clock.seconds)
        if is_used and (running < MINIMUM or service.desired < MINIMUM):
            found.append(f"{part} {colour} is in use with {running} tasks")
        if not is_used and (service.desired, service.bounds) != (0, (0, 0)):
            found.append(f"{part} {colour} is forgotten: {service.desired} tasks, bounds {service.bounds}")
    return found + traffic_problems(world) + scaling_problems(world) + definition_problems(world)


def traffic_problems(world: World) -> list[str]:
    live = world.book.live
    expected = live.placement.colour if live else None
    return [] if world.cloud.weights.sole is expected else [f"traffic {world.cloud.weights}, {expected} is live"]


def scaling_problems(world: World) -> list[str]:
    """Scale-in is suspended exactly while something is on the idle colour."""
    live = world.book.live
    if live is None:
        return []
    slots = [(Part.API, live.placement.colour), (Part.VLLM, live.placement.model_colour)]
    states = [(world.cloud.ecs.slots[s].bounds, world.cloud.ecs.slots[s].scale_in) for s in slots]
    expected = ((MINIMUM, MAXIMUM), world.book.idle is None)
    return [] if states == [expected] * 2 else [f"live bounds {states}, expected {expected}"]


def definition_problems(world: World) -> list[str]:
    """What the ledger says is what the task definitions say."""
    found = []
    for placement in occupants(world.book):
        said = world.cloud.ecs.variables((Part.API, placement.colour))
        if (said["SWITCHYARD_RELEASE"], said["SWITCHYARD_MODEL_COLOUR"]) != (placement.release, placement.model_colour):
            found.append(f"{placement} runs {said}")
    return found


@pytest.mark.parametrize("first", list(Act))
def test_no_sequence_of_three_stops_what_is_used_or_forgets_what_is_not(first: Act) -> None:
    for sequence in [entry for entry in SEQUENCES if entry[0] is first]:
        world = World().live()
        for number, what in enumerate(sequence):
            act(world, what, number)
            assert problems(world) == [], f"after {what} in {' '.join(sequence)}"


@pytest.mark.parametrize("sequence", SEQUENCES[::9], ids=" ".join)
def test_stale_reads_change_neither_the_answers_nor_the_end(sequence: tuple[Act, ...]) -> None:
    fresh, stale = World().live(), World()
    stale.cloud.stale_seconds = 2.9
    stale.live()
    for number, what in enumerate(sequence):
        assert act(stale, what, number) == act(fresh, what, number), what
    assert problems(stale) == []


def test_the_table_covers_a_warm_rollback_target_with_another_model() -> None:
    world = World().live()
    act(world, Act.MODEL, 0)
    act(world, Act.SWITCH, 1)
    assert world.book.idle is not None
    assert world.book.idle.role is Role.PREVIOUS
    assert {p.model_colour for p in occupants(world.book)} == set(Colour)
