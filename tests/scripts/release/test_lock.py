"""The lease lock: who holds it, when it expires, and how a stale holder is stopped before its write."""

from collections.abc import Mapping

import pytest

from scripts.aws.model import Call
from scripts.errors import Refused, Superseded
from scripts.release.control import Control, Lease
from scripts.release.lock import held
from scripts.task_names import TaskName
from stacks.naming import Colour
from tests.scripts.world import NEW_API, NEW_MODEL, World


def taken_by(world: World, holder: str = "ben") -> int:
    control = Control(world.table)
    return control.take(Lease(holder, "desk:7", "deploy-green", "a new model", "03:00 UTC"), control.read())


def test_a_held_lock_says_who_since_when_and_what_to_do() -> None:
    world = World().live()
    fence = taken_by(world)
    world.clock.on_move.append(lambda: Control(world.table).beat(fence))
    with pytest.raises(Refused, match=r"deploy-green by ben on desk:7 since 03:00 UTC \(a new model\)") as refused:
        world.deploy(NEW_API)
    assert refused.value.next_command == "fab lock.release --env staging"
    assert world.cloud.operations().count("RegisterTaskDefinition") == 2


def test_a_lease_without_heartbeat_expires_by_the_observers_clock() -> None:
    world = World().live()
    taken_by(world)
    began = world.clock.seconds
    world.deploy(NEW_API)
    assert world.clock.seconds - began >= world.manifest.policy.lease_seconds
    assert world.book.idle is not None


def test_the_lock_is_free_after_a_refusal() -> None:
    world = World().live()
    with pytest.raises(Refused):
        world.switchover()
    assert Control(world.table).read().lease is None


def test_the_fence_only_rises() -> None:
    world = World()
    fences = []
    for _ in range(3):
        with held(world.site, TaskName.SETTLE, ""):
            fences.append(Control(world.table).read().fence)
    fences.append(Control(world.table).raise_fence("rollback", hasty=True))
    assert fences == sorted(set(fences))


def test_a_write_that_the_sdk_made_twice_still_takes_the_lock() -> None:
    world = World()
    take = world.table.update
    control = Control(world.table)

    def twice(*args: object, **named: object) -> object:
        answer = take(*args, **named)  # type: ignore[arg-type]
        if isinstance(args[2], Mapping) and args[2].get("lease"):
            take(*args, **named)  # type: ignore[arg-type]
        return answer

    world.table.update = twice  # type: ignore[method-assign, assignment]
    with held(world.site, TaskName.SETTLE, ""):
        assert control.read().lease is not None


@pytest.mark.parametrize("stopped_seconds", [6.0, 3600.0])
def test_a_deployer_stopped_between_its_lock_check_and_its_write_does_not_write(stopped_seconds: float) -> None:
    """SIGSTOP after the intent was written; somebody rolls back meanwhile; SIGCONT."""
    world = World().live()
    world.deploy(NEW_MODEL)

    def stop(values: Mapping[str, str | int | None]) -> None:
        if values.get("intent") == "elbv2 ModifyRule":
            world.table.after_update.clear()
            world.clock.advance(stopped_seconds)
            Control(world.table).raise_fence("rollback to green", hasty=True)

    world.table.after_update.append(stop)
    before = world.cloud.weights
    with pytest.raises(Superseded, match="rollback to green") as stale:
        world.switchover()
    assert world.cloud.weights == before
    assert "ModifyRule" not in world.cloud.operations()[-1:]
    assert stale.value.next_command == "fab status --env staging"


def test_a_pause_without_anybody_in_between_only_asks_the_lock_again() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)

    def pause(values: Mapping[str, str | int | None]) -> None:
        if values.get("intent") == "elbv2 ModifyRule":
            world.table.after_update.clear()
            world.clock.advance(60)

    world.table.after_update.append(pause)
    world.switchover()
    assert world.cloud.weights.sole is Colour.BLUE


def test_the_one_call_in_flight_is_written_over_by_the_rollback() -> None:
    """What the fence cannot stop: a write that left before it rose and arrives after the rollback's."""
    world = World().live()
    world.deploy(NEW_MODEL)
    world.switchover()

    def arrive_late() -> None:
        if len(world.door.answers) and world.cloud.weights.sole is Colour.GREEN and world.clock.seconds > began + 1:
            world.clock.on_move.remove(arrive_late)
            world.cloud.actions = late

    late = world.cloud.actions
    began = world.clock.seconds
    world.clock.on_move.append(arrive_late)
    world.rollback()
    assert world.cloud.weights.sole is Colour.GREEN


def test_a_lost_heartbeat_ends_a_long_wait() -> None:
    world = World().live()

    def overtake(call: Call) -> None:
        if call.operation == "UpdateService":
            world.cloud.before_write.clear()
            world.clock.on_move.append(take_over)

    def take_over() -> None:
        world.clock.on_move.remove(take_over)
        Control(world.table).raise_fence("lock.release on desk:7", hasty=False)

    world.cloud.before_write.append(overtake)
    with pytest.raises(Superseded, match=r"lock.release on desk:7"):
        world.deploy(NEW_API)
