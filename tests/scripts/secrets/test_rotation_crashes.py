"""A rotation that was killed anywhere: a rerun finds out where it stopped, and no client is cut off meanwhile."""

import pytest

from scripts.aws.model import Call
from scripts.errors import HalfWay, Refused, Transient
from scripts.release.restart_steps import WriteSecret
from scripts.secrets import keyring
from stacks.naming import Colour, Part
from tests.scripts.examples import digest
from tests.scripts.secrets.house import OLD_KEY, OTHER_KEY, House
from tests.scripts.world import NEW_API, World

POINTS = [(operation, made) for operation in ("PutSecretValue", "UpdateService") for made in (False, True)]


class Killed(BaseException):
    """SIGKILL: nothing that the process would do afterwards happens."""


def kill_at(world: World, operation: str, *, made: bool) -> None:
    """Die just before a call, or after it was made and before its answer came."""

    def die(call: Call) -> None:
        if call.operation == operation:
            world.cloud.before_write.remove(die)
            if made:
                world.cloud.write(call)
            raise Killed

    world.cloud.before_write.append(die)


def kill_while_it_waits(world: World) -> None:
    def vanish() -> None:
        if "UpdateService" in world.cloud.operations()[-1:]:
            world.clock.on_move.remove(vanish)
            raise Killed

    world.clock.on_move.append(vanish)


def assert_begun(house: House, new_key: str | None) -> None:
    assert new_key is not None
    assert house.keys == {"ana": new_key, "bob": OTHER_KEY, "ana.previous": OLD_KEY}
    assert all(taken == {new_key, OLD_KEY, OTHER_KEY} for taken in house.accepted())
    assert house.world.book.operation is None


@pytest.mark.parametrize(("operation", "made"), POINTS)
def test_a_rerun_ends_a_first_phase_that_was_killed_at_any_call(operation: str, made: bool) -> None:
    house = House()
    house.required = [OLD_KEY, OTHER_KEY]
    kill_at(house.world, operation, made=made)
    with pytest.raises(Killed):
        house.begin()
    assert_begun(house, house.begin().new_key)
    assert house.refusals == []


@pytest.mark.parametrize(("operation", "made"), POINTS)
def test_a_rerun_ends_a_last_phase_that_was_killed_at_any_call(operation: str, made: bool) -> None:
    house = House()
    new_key = house.begin().new_key
    house.required = [str(new_key), OTHER_KEY]
    kill_at(house.world, operation, made=made)
    with pytest.raises(Killed):
        house.finish()
    house.finish()
    assert house.keys == {"ana": new_key, "bob": OTHER_KEY}
    assert all(taken == {new_key, OTHER_KEY} for taken in house.accepted())
    assert (house.refusals, house.world.book.operation) == ([], None)


def test_a_rerun_ends_a_roll_that_was_killed_while_it_waited() -> None:
    house = House()
    house.required = [OLD_KEY]
    kill_while_it_waits(house.world)
    with pytest.raises(Killed):
        house.begin()
    assert house.world.book.operation is not None
    assert_begun(house, house.begin().new_key)
    assert house.refusals == []


def test_a_key_is_not_handed_out_while_an_old_task_still_drains() -> None:
    """Killed when every wanted task was new: their age says that all is well, the unfinished operation knows better."""
    house = House()
    slot = house.world.cloud.ecs.slots[Part.API, Colour.GREEN]

    def vanish() -> None:
        if any(task.stopping for task in slot.tasks):
            house.world.clock.on_move.remove(vanish)
            raise Killed

    house.world.clock.on_move.append(vanish)
    with pytest.raises(Killed):
        house.begin()
    assert_begun(house, house.begin().new_key)


def test_the_way_out_of_any_rotation_is_to_roll_and_its_key_is_handed_out_afterwards() -> None:
    house = House()
    kill_while_it_waits(house.world)
    with pytest.raises(Killed):
        house.begin()
    with pytest.raises(Refused, match="is unfinished") as refused:
        house.world.deploy(NEW_API)
    assert refused.value.next_command == "fab secrets.roll --env staging"
    house.rotator.roll()
    again = house.begin()
    assert again.plan is None
    assert_begun(house, again.new_key)


def test_a_key_that_was_not_seen_is_handed_out_again_without_another_roll() -> None:
    house = House()
    first = house.begin().new_key
    house.world.cloud.calls.clear()
    assert house.begin().new_key == first
    assert house.world.cloud.calls == []


def test_finishing_twice_is_already_so() -> None:
    house = House()
    house.begin()
    house.finish()
    house.world.cloud.calls.clear()
    assert house.finish().plan is None
    assert house.world.cloud.calls == []


def test_tasks_that_a_finished_run_left_behind_are_rolled_by_the_next() -> None:
    """Somebody gave the unfinished run up by abort: the ledger knows nothing of it, the tasks' age does."""
    house = House()
    kill_at(house.world, "UpdateService", made=False)
    with pytest.raises(Killed):
        house.begin()
    house.world.abort()
    assert house.world.book.operation is None
    assert_begun(house, house.begin().new_key)


def test_abort_of_a_rotation_takes_nothing_away() -> None:
    house = House()
    house.world.deploy(NEW_API)
    house.world.switchover()
    kill_while_it_waits(house.world)
    with pytest.raises(Killed):
        house.begin()
    house.world.cloud.calls.clear()
    house.world.abort()
    assert house.world.cloud.calls == []
    assert house.world.book.is_unsettled
    assert house.world.book.operation is None


def test_a_write_whose_answer_was_lost_makes_one_version() -> None:
    house = House()

    def lose_the_answer(call: Call) -> None:
        if call.operation == "PutSecretValue":
            house.world.cloud.before_write.remove(lose_the_answer)
            house.world.cloud.write(call)
            raise Transient("secretsmanager PutSecretValue: read timed out")

    house.world.cloud.before_write.append(lose_the_answer)
    house.begin()
    tokens = [c.parameters["ClientRequestToken"] for c in house.world.cloud.calls if c.operation == "PutSecretValue"]
    assert len(tokens) == 2
    assert len(set(tokens)) == 1


def test_a_signal_before_the_write_changes_nothing() -> None:
    house = House()
    book = house.world.book

    def interrupt(values: object) -> None:
        if isinstance(values, dict) and values.get("intent"):
            house.world.table.after_update.remove(interrupt)
            raise KeyboardInterrupt

    house.world.table.after_update.append(interrupt)
    with pytest.raises(KeyboardInterrupt):
        house.begin()
    assert (set(house.keys), house.world.book) == ({"ana", "bob"}, book)


def test_a_rollback_during_a_roll_goes_through_and_the_roll_says_that_it_lost_the_lock() -> None:
    house = House()
    house.world.deploy(NEW_API)
    house.world.switchover()

    def roll_back() -> None:
        if house.world.cloud.operations()[-1:] == ["UpdateService"]:
            house.world.clock.on_move.remove(roll_back)
            house.world.rollback()

    house.world.clock.on_move.append(roll_back)
    with pytest.raises(HalfWay, match="the lock was taken"):
        house.begin()
    assert house.world.cloud.weights.sole is Colour.GREEN
    assert house.world.cloud.violations == []


def test_a_step_that_writes_a_value_does_not_print_it() -> None:
    step = WriteSecret("smoke-key", "arn:secret:smoke-key", "token", OLD_KEY)
    assert OLD_KEY not in repr(step) + str(step) + step.saying + repr(step.calls(World().manifest))


def test_no_key_is_in_the_ledger_in_what_is_said_or_in_an_error() -> None:
    house = House()
    new_key = str(house.begin().new_key)
    house.finish()
    house.world.cloud.ecs.crashes = {digest("api-1")}
    with pytest.raises(HalfWay) as failed:
        house.begin("bob")
    keys = [*house.keys.values(), OLD_KEY, OTHER_KEY, new_key]
    written = repr(house.world.table.items) + house.world.said + repr(failed.value) + repr(house.rotator)
    written += repr(house.world.cloud.calls) + repr(failed.value.__cause__)
    assert [key for key in keys if key in written] == []
    assert keyring.moving(house.keys) == ["bob"]
