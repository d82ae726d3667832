"""Ctrl-C and SIGTERM: before the first change nothing happened, after it the stop is half-way and says what to do."""

import pytest

from scripts.aws.model import Call
from scripts.errors import ExitCode, HalfWay
from scripts.release.control import Control
from tests.scripts.world import NEW_API, NEW_MODEL, World


def interrupt_before(world: World, operation: str) -> None:
    def hook(call: Call) -> None:
        if call.operation == operation:
            world.cloud.before_write.remove(hook)
            raise KeyboardInterrupt

    world.cloud.before_write.append(hook)


def test_before_the_first_change_nothing_is_left() -> None:
    world = World().live()
    book = world.book
    interrupt_before(world, "CreateCapacityReservation")
    with pytest.raises(KeyboardInterrupt):
        world.deploy(NEW_MODEL)
    assert world.book == book
    assert Control(world.table).read().lease is None


def test_after_the_first_change_it_is_half_way_and_names_the_way_out() -> None:
    world = World().live()
    interrupt_before(world, "UpdateService")
    with pytest.raises(HalfWay, match=r"stopped half-way at `scale vllm blue`: stopped by a signal") as stopped:
        world.deploy(NEW_MODEL)
    assert stopped.value.exit_code == ExitCode.HALF_WAY
    assert stopped.value.next_command == "fab abort --env staging"
    assert world.book.operation is not None
    assert Control(world.table).read().lease is None


def test_a_signal_while_taking_back_is_half_way_too() -> None:
    world = World().live()
    world.cloud.ecs.crashes = {"sha256:" + "0" * 64}

    def fail_then_interrupt(call: Call) -> None:
        if call.operation == "RegisterTaskDefinition":
            world.cloud.before_write[:] = [lambda call: (_ for _ in ()).throw(KeyboardInterrupt())]
            raise RuntimeError("the template is strange")

    world.cloud.before_write.append(fail_then_interrupt)
    with pytest.raises(HalfWay, match="taking it back failed too"):
        world.deploy(NEW_API)


def test_each_step_is_in_the_ledger_before_and_after() -> None:
    world = World().live()
    interrupt_before(world, "UpdateService")
    with pytest.raises(HalfWay):
        world.deploy(NEW_MODEL)
    operation = world.book.operation
    assert operation is not None
    steps = world.table.newest("step", 20, f"{operation.id}#")
    results = {str(item["name"]): str(item["result"]) for item in steps}
    assert results["register vllm blue"] == "done"
    assert results["scale vllm blue"] == "failed"
    assert all("ended" in item for item in steps)
