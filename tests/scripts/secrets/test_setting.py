"""Putting a value there: checked before, under the lock, and running tasks keep what they have."""

import json

import pytest

from scripts.aws.model import Call
from scripts.errors import HalfWay, Refused, Transient
from scripts.release.lock import held
from scripts.secrets.names import Kept
from scripts.secrets.setting import put
from scripts.task_names import TaskName
from stacks.naming import Colour, Part
from tests.scripts.secrets.house import OLD_KEY, OTHER_KEY, House
from tests.scripts.world import World

NEW = "sk-new-0123456789abcdef0123456789abcdef"


def give(house: House, name: Kept, value: str, *, consented: bool = False) -> bool:
    return put(house.world.site, house.vault, name, value, consented=consented)


def test_running_tasks_keep_the_old_value_and_the_answer_says_that_some_run() -> None:
    house = House()
    arn = str(house.world.manifest.secrets.openai_key)
    before = [task.read[arn] for task in house.world.cloud.ecs.slots[Part.API, Colour.GREEN].tasks]
    house.world.cloud.calls.clear()
    assert give(house, Kept.OPENAI_KEY, NEW)
    assert house.vault.value(arn) == NEW
    assert house.world.cloud.operations() == ["PutSecretValue"]
    assert [task.read[arn] for task in house.world.cloud.ecs.slots[Part.API, Colour.GREEN].tasks] == before


def test_keys_that_lock_a_client_out_are_asked_about_by_name() -> None:
    house = House()
    with pytest.raises(Refused, match="There is no key of ana in it: their requests will be refused"):
        give(house, Kept.API_KEYS, json.dumps({"bob": OTHER_KEY}))
    assert set(house.keys) == {"ana", "bob"}
    give(house, Kept.API_KEYS, json.dumps({"bob": OTHER_KEY}), consented=True)
    assert set(house.keys) == {"bob"}


def test_adding_a_client_asks_nothing() -> None:
    house = House()
    give(house, Kept.API_KEYS, json.dumps({"ana": OLD_KEY, "bob": OTHER_KEY, "eve": NEW}))
    assert house.keys["eve"] == NEW


def test_a_value_that_no_task_could_start_with_is_simply_replaced() -> None:
    house = House()
    house.world.cloud.ecs.secrets[house.world.manifest.secrets.api_keys] = "not JSON"
    give(house, Kept.API_KEYS, json.dumps({"ana": OLD_KEY}))
    assert house.keys == {"ana": OLD_KEY}


def test_nothing_is_set_while_somebody_holds_the_lock() -> None:
    house, other = House(), "desk:7"
    site = World(house.world.manifest, house.world.clock, house.world.table, host=other).site
    with held(site, TaskName.SETTLE, "") as guard:
        house.world.clock.on_move.append(guard.beat)
        with pytest.raises(Refused, match="the lock is held: settle"):
            give(house, Kept.OPENAI_KEY, NEW)


def test_a_value_may_be_repaired_while_a_rotation_is_unfinished() -> None:
    house = House()

    def stop(call: Call) -> None:
        if call.operation == "UpdateService":
            house.world.cloud.before_write.remove(stop)
            raise KeyboardInterrupt

    house.world.cloud.before_write.append(stop)
    with pytest.raises(HalfWay):
        house.rotator.renew(Kept.OPENAI_KEY, NEW + "-mistyped")
    give(house, Kept.OPENAI_KEY, NEW)
    assert house.world.book.operation is not None


def test_a_write_that_may_have_happened_is_half_way_and_says_what_to_do() -> None:
    house = House()

    def silent(call: Call) -> None:
        raise Transient("secretsmanager PutSecretValue: read timed out")

    house.world.cloud.before_write.append(silent)
    with pytest.raises(HalfWay, match="may have been written or not") as stopped:
        give(house, Kept.OPENAI_KEY, NEW)
    assert stopped.value.next_command == "fab secrets.set --env staging openai-key"
    assert NEW not in str(stopped.value) + house.world.said + repr(house.world.table.items)
