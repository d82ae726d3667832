"""rollback against a deployer that stops its target, and against a ledger that hangs."""

import threading
import time
from collections.abc import Iterator

import pytest

from scripts.aws.table import Item
from scripts.errors import AwsFailed, Refused
from scripts.release import book as books
from scripts.release import rollback
from scripts.release.book import Book, By, Live, Occupant, Operation, Role
from scripts.release.control import Control, Lease
from scripts.release.model import Placement
from scripts.release.rollback_target import is_being_stopped
from scripts.task_names import TaskName
from stacks.naming import Colour
from tests.scripts.world import NEW_MODEL, World


def switched() -> World:
    world = World().live()
    world.deploy(NEW_MODEL)
    world.switchover()
    world.cloud.calls.clear()
    world.clock.advance(2000)
    return world


def unfinished(world: World, command: TaskName, step: str) -> None:
    """A command that holds the lock and is at a step."""
    control = Control(world.table)
    fence = control.take(Lease("ben", "desk:7", str(command), "", "now"), control.read())
    operation = Operation("settle-1", command, None, "ben", "now", step)
    control.keep(fence, books.began(control.read().book, operation))


def before_the_fence_rises(monkeypatch: pytest.MonkeyPatch, world: World, book: Book) -> None:
    """Somebody gets one more ledger write in between the look and the fence."""
    raise_fence = Control.raise_fence

    def meanwhile(control: Control, raised_by: str, hasty: bool) -> int:
        control.keep(control.read().fence, book)
        return raise_fence(control, raised_by, hasty)

    monkeypatch.setattr(Control, "raise_fence", meanwhile)


@pytest.mark.parametrize("step", ["", "hold"])
def test_a_settle_that_has_not_come_to_the_stop_yet_does_not_stand_in_the_way(step: str) -> None:
    world = switched()
    unfinished(world, TaskName.SETTLE, step)
    world.rollback()
    assert world.cloud.operations() == ["ModifyRule"]
    assert world.book.operation is None


@pytest.mark.parametrize("to", [None, Colour.GREEN])
def test_a_stop_that_began_while_the_rollback_looked_is_seen_after_the_fence(
    monkeypatch: pytest.MonkeyPatch, to: Colour | None
) -> None:
    world = switched()
    unfinished(world, TaskName.SETTLE, "hold")
    before_the_fence_rises(monkeypatch, world, books.at_step(world.book, "bound api green"))
    with pytest.raises(Refused, match="is being stopped"):
        world.rollback(to)
    assert world.cloud.calls == []
    world.rollback(to, force=True)
    assert world.cloud.weights.sole is Colour.GREEN


def test_a_target_that_was_settled_while_the_rollback_looked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = switched()
    before_the_fence_rises(monkeypatch, world, books.emptied(world.book))
    with pytest.raises(Refused, match="was taken from green just now: no weight was written"):
        world.rollback()
    assert world.cloud.calls == []


@pytest.mark.parametrize(
    ("command", "role", "step", "stops"),
    [
        (TaskName.SETTLE, Role.PREVIOUS, "", False),
        (TaskName.SETTLE, Role.PREVIOUS, "hold", False),
        (TaskName.SETTLE, Role.PREVIOUS, "bound api green", True),
        (TaskName.SETTLE, Role.PREVIOUS, "drain vllm green", True),
        (TaskName.DEPLOY_GREEN, Role.PREVIOUS, "reserve hosts", False),
        (TaskName.DEPLOY_GREEN, Role.PREVIOUS, "scale api green", True),
        (TaskName.DEPLOY_GREEN, Role.ROLLED_BACK, "scale api green", True),
        (TaskName.DEPLOY_GREEN, Role.STARTING, "scale api green", False),
        (TaskName.ABORT, Role.CANDIDATE, "write weights", False),
        (TaskName.ABORT, Role.STARTING, "scale api green", True),
        (TaskName.SWITCHOVER, Role.CANDIDATE, "scale api green", False),
    ],
)
def test_a_colour_is_being_stopped_from_the_first_step_that_touches_it(
    command: TaskName, role: Role, step: str, stops: bool
) -> None:
    live = Live(Placement("r-2", Colour.BLUE, Colour.BLUE), "now", By.SWITCHOVER, "r-1")
    idle = Occupant(Placement("r-1", Colour.GREEN, Colour.GREEN), role, "now")
    book = Book(live, idle, Operation("x", command, None, "ben", "now", step))
    assert is_being_stopped(book, Colour.GREEN) is stops
    assert not is_being_stopped(book, Colour.BLUE)


@pytest.fixture(name="hanging")
def _hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A ledger that takes every request and answers none."""
    world, released = switched(), threading.Event()

    def hang(*_given: object, **_more: object) -> Item:
        released.wait()
        raise AwsFailed("dynamodb: the test is over")

    for name in ("get", "put", "update", "newest"):
        monkeypatch.setattr(world.table, name, hang)
    monkeypatch.setattr(rollback, "_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(rollback, "_LEDGER_SECONDS", 0.1)
    yield world
    released.set()


def test_a_ledger_that_hangs_delays_neither_the_write_nor_the_proof(hanging: World) -> None:
    written, began = list[float](), time.monotonic()
    hanging.cloud.before_write.append(lambda _call: written.append(time.monotonic() - began))
    hanging.rollback(Colour.GREEN)
    assert written[0] < 1
    assert time.monotonic() - began < 5
    assert hanging.cloud.operations() == ["ModifyRule"]
    assert "the ledger was not told" in hanging.said


def test_health_and_key_that_hang_delay_nothing_either(monkeypatch: pytest.MonkeyPatch, hanging: World) -> None:
    released, began = threading.Event(), time.monotonic()
    monkeypatch.setattr(hanging.cloud, "targets", lambda *_slot: released.wait())
    monkeypatch.setattr(type(hanging.cloud), "smoke_key", property(lambda _cloud: released.wait()))
    hanging.rollback(Colour.GREEN)
    released.set()
    assert time.monotonic() - began < 5
    assert hanging.cloud.weights.sole is Colour.GREEN


def test_without_a_colour_a_ledger_that_hangs_is_waited_for_a_little_and_refused(hanging: World) -> None:
    with pytest.raises(Refused, match="the ledger does not answer") as refused:
        hanging.rollback()
    assert refused.value.next_command == "fab rollback --env staging --to COLOUR"
    assert hanging.cloud.calls == []
