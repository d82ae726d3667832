"""Ctrl-C and SIGTERM: before the first change nothing happened, after it the stop is half-way and says what to do."""

from collections.abc import Mapping

import pytest

from scripts.aws.model import Call
from scripts.errors import ExitCode, HalfWay, Refused, Restored
from scripts.release.control import Control
from stacks.naming import Part
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

    def interrupt(values: Mapping[str, str | int | None]) -> None:
        if values.get("intent"):
            world.table.after_update.remove(interrupt)
            raise KeyboardInterrupt

    world.table.after_update.append(interrupt)
    with pytest.raises(KeyboardInterrupt):
        world.deploy(NEW_MODEL)
    assert world.book == book
    assert Control(world.table).read().lease is None


def test_a_call_in_flight_may_have_been_carried_out_so_it_is_half_way_and_abort_looks() -> None:
    world = World().live()

    def interrupt(call: Call) -> None:
        world.cloud.before_write.remove(interrupt)
        world.cloud.write(call)
        raise KeyboardInterrupt

    world.cloud.before_write.append(interrupt)
    with pytest.raises(HalfWay) as stopped:
        world.deploy(NEW_MODEL)
    assert stopped.value.next_command == "fab abort --env staging"
    assert not world.cloud.capacity.released
    world.abort()
    assert world.cloud.capacity.released


def test_a_refusal_after_a_change_is_not_called_nothing_changed() -> None:
    world = World().live()

    def refuse(call: Call) -> None:
        if call.operation == "UpdateService":
            world.cloud.before_write.remove(refuse)
            raise Refused("the session has expired")

    world.cloud.before_write.append(refuse)
    with pytest.raises(Restored, match="the session has expired; everything is as it was before"):
        world.deploy(NEW_MODEL)
    assert world.cloud.capacity.released


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


def test_a_clearing_that_fails_still_stops_the_old_models_gpus_and_says_what_was_ended() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    world.switchover()
    old = world.book.idle
    assert old is not None

    def fail(call: Call) -> None:
        if call.operation == "RegisterScalableTarget" and "vllm" in str(call.parameters["ResourceId"]):
            world.cloud.before_write.remove(fail)
            raise RuntimeError("throttled for good")

    world.cloud.before_write.append(fail)
    with pytest.raises(Restored, match="the live release is as it was; the warm rollback had been ended"):
        world.deploy(NEW_API)
    assert world.cloud.services()[Part.VLLM, old.placement.model_colour].desired == 0
    assert world.book.idle is None


def test_what_lost_its_traffic_is_held_before_an_abort_stops_it() -> None:
    world = World().live()
    world.deploy(NEW_API)

    def stop_once_moved(call: Call) -> None:
        if call.operation == "ModifyRule":
            world.cloud.before_write.remove(stop_once_moved)
            world.cloud.write(call)
            raise KeyboardInterrupt

    world.cloud.before_write.append(stop_once_moved)
    with pytest.raises(HalfWay):
        world.switchover()
    done = world.abort()
    assert done.plan is not None
    names = [step.name for step in done.plan.steps]
    assert names.index("hold") < next(number for number, name in enumerate(names) if name.startswith("bound api"))
