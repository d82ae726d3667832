"""status and history: what runs, what is unfinished, what it costs, and who did what."""

import pytest

from scripts.aws.model import Call
from scripts.errors import HalfWay
from scripts.release import history
from scripts.release.control import Control, Lease
from scripts.release.status import status
from stacks.naming import Part
from tests.scripts.world import NEW_API, NEW_MODEL, World

KEYS = ["environment", "live", "idle", "lock", "unfinished", "template_newer"]
SIDE = ["release", "colour", "weight", "model_colour", "api_running", "vllm_running"]


def test_the_object_has_the_agreed_keys() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    body = status(world.site).body
    assert list(body) == KEYS
    assert list(body["live"]) == list(body["idle"]) == SIDE
    assert (body["live"]["colour"], body["live"]["weight"], body["idle"]["vllm_running"]) == ("green", 100, 2)


def test_an_empty_environment_has_nothing_live_and_green_idle() -> None:
    body = status(World().site).body
    assert body["live"] is None
    assert (body["idle"]["release"], body["idle"]["colour"]) == (None, "green")


def test_surplus_gpus_are_told_with_their_price() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    assert "4 hosts running, 2 needed, the difference costs $2.01/h" in status(world.site).text


def test_an_unsettled_colour_is_told_and_louder_after_hours() -> None:
    world = World().live()
    world.deploy(NEW_API)
    world.switchover()
    assert "green is not settled: rollback is warm" in status(world.site).text
    world.clock.advance(5 * 3600)
    assert "not settled, for more than 4 h" in status(world.site).text


def test_a_newer_template_is_told() -> None:
    world = World().live()
    assert status(world.site).body["template_newer"] is False
    world.cloud.publish_template(Part.API, 2)
    assert status(world.site).body["template_newer"] is True


def test_what_is_unfinished_names_its_step_and_the_way_out() -> None:
    world = World().live()

    def stop(call: Call) -> None:
        if call.operation == "UpdateService":
            world.cloud.before_write.clear()
            raise KeyboardInterrupt

    world.cloud.before_write.append(stop)
    with pytest.raises(HalfWay):
        world.deploy(NEW_API)
    found = status(world.site)
    assert found.body["unfinished"]["step"] == "scale api blue"
    assert found.body["unfinished"]["next_command"] == "fab abort --env staging"
    assert "is unfinished, it stopped at `scale api blue`" in found.text


def test_a_held_lock_is_shown() -> None:
    world = World().live()
    control = Control(world.table)
    control.take(Lease("ben", "desk:7", "settle", "", "now"), control.read())
    assert status(world.site).body["lock"]["holder"] == "ben"


def test_history_says_who_when_why_and_what_became_of_it() -> None:
    world = World().live(NEW_API)
    text = history.text(history.entries(world.site, 5))
    assert text.count("by assumed-role/deployer/ana at 2026-11-22T03:0") == 2
    assert ": because" in text
    newest, first = history.body(history.entries(world.site, 5))
    assert (newest["outcome"], first["outcome"]) == ("live", "settled")
