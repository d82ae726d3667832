"""Replacing secrets while requests go on."""

import json

import pytest

from scripts.aws.model import Call
from scripts.errors import HalfWay, Refused
from scripts.secrets.names import Kept
from scripts.secrets.rotation import Rotator
from stacks.naming import Colour, Part
from tests.scripts.examples import digest
from tests.scripts.secrets.house import OLD_KEY, OTHER_KEY, House
from tests.scripts.world import NEW_API

NEW_OPENAI_KEY = "sk-openai-fedcba9876543210"


def test_the_old_key_works_at_every_moment_until_it_is_finished() -> None:
    house = House()
    house.required = [OLD_KEY, OTHER_KEY]
    house.begin()
    house.world.clock.advance(30)
    assert house.refusals == []


def test_the_new_key_works_everywhere_from_the_moment_it_is_handed_out() -> None:
    house = House()
    new_key = house.begin().new_key
    assert new_key is not None
    house.required = [new_key, OLD_KEY, OTHER_KEY]
    house.world.clock.advance(30)
    house.required = [new_key, OTHER_KEY]
    house.finish()
    house.world.clock.advance(30)
    assert house.refusals == []


def test_a_finished_key_works_nowhere() -> None:
    house = House()
    new_key = house.begin().new_key
    house.finish()
    assert all(taken == {new_key, OTHER_KEY} for taken in house.accepted())
    assert house.keys == {"ana": new_key, "bob": OTHER_KEY}


def test_the_watch_of_these_tests_sees_a_key_that_is_cut_off() -> None:
    house = House()
    house.begin()
    house.required = [OLD_KEY]
    house.finish()
    assert house.refusals


def test_a_new_key_is_random_and_long() -> None:
    first, second = House().begin().new_key, House().begin().new_key
    assert first is not None
    assert first != second
    assert len(first) > 64


def test_every_colour_that_runs_is_rolled_the_idle_one_first() -> None:
    house = House()
    house.world.deploy(NEW_API)
    house.world.cloud.calls.clear()
    house.begin()
    rolled = [c.parameters["service"] for c in house.world.cloud.calls if c.operation == "UpdateService"]
    assert rolled == ["staging-api-blue", "staging-api-green"]


def test_a_warm_rollback_target_takes_the_new_key_too() -> None:
    house = House()
    house.world.deploy(NEW_API)
    house.world.switchover()
    new_key = house.begin().new_key
    house.world.rollback()
    assert new_key is not None
    house.required = [new_key, OLD_KEY]
    house.world.clock.advance(10)
    assert house.refusals == []


def test_rolling_moves_no_traffic_and_changes_no_release() -> None:
    house = House()
    book, weights = house.world.book, house.world.cloud.weights
    house.begin()
    assert (house.world.book, house.world.cloud.weights) == (book, weights)
    assert house.world.cloud.violations == []
    assert set(house.world.cloud.operations()[-2:]) == {"PutSecretValue", "UpdateService"}


def test_no_task_is_stopped_before_its_successor_serves() -> None:
    house = House()
    fewest = 9

    def count() -> None:
        nonlocal fewest
        fewest = min(fewest, len(house.world.cloud.ecs._running((Part.API, Colour.GREEN), house.world.clock.seconds)))

    house.world.clock.on_move.append(count)
    house.begin()
    assert fewest == 2


def test_successors_that_do_not_start_leave_the_old_tasks_serving_and_say_so() -> None:
    house = House()
    house.world.cloud.ecs.crashes = {digest("api-1")}
    house.world.cloud.ecs.slots[Part.API, Colour.GREEN].tasks[0].definition = "arn:never-crashes"
    house.world.cloud.definitions["arn:never-crashes"] = house.world.cloud.definition("staging-api-template")
    with pytest.raises(HalfWay, match=r"the old ones still serve.*exited with 1") as stopped:
        house.begin()
    assert stopped.value.next_command == "fab secrets.roll --env staging"
    assert OLD_KEY in house.keys.values()


def test_an_openai_key_is_written_once_and_rolled() -> None:
    house = House()
    house.rotator.renew(Kept.OPENAI_KEY, NEW_OPENAI_KEY)
    arn = str(house.world.manifest.secrets.openai_key)
    tasks = house.world.cloud.ecs.slots[Part.API, Colour.GREEN].tasks
    assert {task.read[arn] for task in tasks} == {NEW_OPENAI_KEY}


def test_where_nothing_runs_the_value_is_written_and_nothing_rolled() -> None:
    house = House()
    house.world.cloud.ecs.slots[Part.API, Colour.GREEN].desired = 0
    house.world.cloud.ecs.slots[Part.API, Colour.GREEN].tasks.clear()
    house.world.cloud.calls.clear()
    house.rotator.renew(Kept.OPENAI_KEY, NEW_OPENAI_KEY)
    assert house.world.cloud.operations() == ["PutSecretValue"]


def test_an_unknown_client_is_refused_with_the_known_ones_and_nothing_changes() -> None:
    house = House()
    house.world.cloud.calls.clear()
    with pytest.raises(Refused, match="no client 'eve': known are ana, bob"):
        house.begin("eve")
    assert house.world.cloud.calls == []


def test_finishing_asks_because_the_old_key_ends() -> None:
    house = House()
    house.begin()
    with pytest.raises(Refused, match=r"logs them as key ana\.previous.*--yes"):
        house.rotator.finish_client("ana", consented=False)
    assert OLD_KEY in house.keys.values()


def test_a_rotation_waits_for_what_is_unfinished() -> None:
    house = House()
    house.world.deploy(NEW_API)

    def interrupt(call: Call) -> None:
        house.world.cloud.before_write.remove(interrupt)
        house.world.cloud.write(call)
        raise KeyboardInterrupt

    house.world.cloud.before_write.append(interrupt)
    with pytest.raises(HalfWay):
        house.world.switchover()
    with pytest.raises(Refused, match=r"switchover of .* is unfinished") as refused:
        house.begin()
    assert refused.value.next_command == "fab abort --env staging"
    assert set(house.keys) == {"ana", "bob"}


def test_credentials_that_would_expire_on_the_way_are_refused_before_anything_is_written() -> None:
    house = House()
    house.world.cloud.credentials_seconds = 100
    with pytest.raises(Refused, match="expire in 100 s, this may take 360 s"):
        house.begin()
    assert set(house.keys) == {"ana", "bob"}


def test_credentials_must_outlive_the_rolls_of_all_colours_that_run() -> None:
    house = House()
    house.world.deploy(NEW_API)
    house.world.cloud.credentials_seconds = 400
    with pytest.raises(Refused, match="expire in 400 s, this may take 720 s"):
        house.begin()


def test_a_dry_run_takes_no_lock_and_writes_nothing() -> None:
    house = House()
    house.world.cloud.calls.clear()
    items = dict(house.world.table.items)
    dry = Rotator(house.world.site, house.vault, dry_run=True)
    plan = dry.begin_client("ana").plan
    assert plan is not None
    assert [call.operation for call in plan.calls(house.world.manifest)] == ["PutSecretValue", "UpdateService"]
    assert (house.world.cloud.calls, house.world.table.items) == ([], items)


def test_a_roll_reads_the_present_values_into_every_task() -> None:
    house = House()
    arn = house.world.manifest.secrets.smoke_key
    house.world.cloud.ecs.secrets[arn] = "t" * 40
    house.rotator.roll()
    assert {task.read[arn] for task in house.world.cloud.ecs.slots[Part.API, Colour.GREEN].tasks} == {"t" * 40}


@pytest.mark.parametrize("value", [None, "{oops", '["k3y"]', '{"ana": 1}'])
def test_a_roll_into_values_that_no_task_could_start_with_is_refused_before_it_begins(value: str | None) -> None:
    house = House()
    arn = house.world.manifest.secrets.api_keys
    if value is None:
        del house.world.cloud.ecs.secrets[arn], house.world.cloud.secrets_since[arn]
    else:
        house.world.cloud.ecs.secrets[arn] = value
    house.world.cloud.calls.clear()
    with pytest.raises(Refused) as refused:
        house.rotator.roll()
    assert refused.value.next_command == "fab secrets.set --env staging api-keys"
    assert (house.world.cloud.calls, house.world.book.operation) == ([], None)
    assert "oops" not in str(refused.value)


def test_a_name_that_only_the_gateway_takes_stands_in_nobody_s_way() -> None:
    house = House()
    house.world.cloud.ecs.secrets[house.world.manifest.secrets.api_keys] = json.dumps({"the web site": OLD_KEY})
    assert house.begin("the web site").new_key
