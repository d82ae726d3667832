"""switchover: one write, proven on every address, or taken back."""

import pytest

from scripts.aws.model import Call
from scripts.errors import ExitCode, Refused, Restored, Transient
from scripts.release.book import By, Role
from scripts.release.weights import Weights
from stacks.naming import Colour, Part
from tests.scripts.examples import actions
from tests.scripts.world import FIRST, NEW_API, NEW_MODEL, World


def ready() -> World:
    world = World().live()
    world.deploy(NEW_MODEL)
    world.cloud.calls.clear()
    world.clock.advance(2000)
    return world


def test_one_write_moves_api_and_model_together() -> None:
    world = ready()
    world.switchover()
    assert world.cloud.operations().count("ModifyRule") == 1
    assert world.cloud.weights == Weights(100, 0)


def test_the_full_action_list_is_sent_and_the_rest_of_it_stays() -> None:
    world = ready()
    world.switchover()
    call = next(c for c in world.cloud.calls if c.operation == "ModifyRule")
    (action,) = call.parameters["Actions"]
    assert action["Order"] == 1
    assert action["ForwardConfig"]["TargetGroupStickinessConfig"] == {"Enabled": False}


def test_the_old_colour_stays_warm_at_full_size() -> None:
    world = ready()
    world.switchover()
    assert world.book.idle is not None
    assert world.book.idle.role is Role.PREVIOUS
    assert world.cloud.ecs.slots[Part.VLLM, Colour.GREEN].desired == 2
    assert "$2.01/h" in world.said


def test_the_live_release_knows_what_was_live_before() -> None:
    world = World().live()
    first = world.book.live
    world.deploy(NEW_API)
    world.switchover()
    assert first is not None
    assert world.book.live is not None
    assert (world.book.live.before, world.book.live.by) == (first.placement.release, By.SWITCHOVER)


def test_late_propagation_on_one_address_only_is_waited_for() -> None:
    world = ready()
    world.door.delays["10.1.0.2:443"] = 100.0
    began = world.clock.seconds
    world.switchover()
    assert world.clock.seconds - began >= 100
    late = [colour for address, colour in world.door.answers if address == "10.1.0.2:443"]
    assert late[-5:] == ["blue"] * 5
    assert "10.1.0.2:443 answers 200 from green" in world.said


def test_an_address_that_never_follows_takes_the_switch_back() -> None:
    world = ready()
    world.door.delays["10.1.0.2:443"] = 1000.0
    with pytest.raises(Restored, match=r"not every address sends to blue after 150 s: 10.1.0.2:443") as failed:
        world.switchover()
    assert failed.value.exit_code == ExitCode.RESTORED
    assert world.cloud.weights.sole is Colour.GREEN
    assert world.book.operation is None
    assert world.book.idle is not None
    assert world.book.idle.role is Role.CANDIDATE


def test_a_candidate_that_loses_targets_while_baking_is_taken_back() -> None:
    world = ready()

    def fall_ill(call: Call) -> None:
        if call.operation == "ModifyRule" and world.cloud.weights.sole is Colour.GREEN:
            image = world.cloud.definitions[world.cloud.ecs.slots[Part.VLLM, Colour.BLUE].definition]
            world.clock.on_move.append(lambda: world.cloud.ecs.never_healthy.add(digest_of(image.body)))

    world.cloud.before_write.append(fall_ill)
    with pytest.raises(Restored):
        world.switchover()
    assert world.cloud.weights.sole is Colour.GREEN


def digest_of(body: object) -> str:
    assert isinstance(body, dict)
    return str(body["containerDefinitions"][0]["image"]).partition("@")[2]


def test_weights_that_somebody_else_moved_refuse_the_switch() -> None:
    world = ready()

    def meddle(call: Call) -> None:
        if call.operation == "RegisterScalableTarget":
            world.cloud.actions = actions(world.manifest, 50, 50)

    world.cloud.before_write.append(meddle)
    with pytest.raises(Restored, match="somebody else moved traffic"):
        world.switchover()


def test_without_a_candidate_there_is_nothing_to_switch_to() -> None:
    with pytest.raises(Refused, match="no candidate to switch to"):
        World().live().switchover()


def test_a_candidate_that_lost_a_task_is_not_switched_to() -> None:
    world = ready()
    world.cloud.ecs.slots[Part.API, Colour.BLUE].tasks.pop()
    with pytest.raises(Refused, match=r"candidate api blue has 1 healthy of 2"):
        world.switchover()
    assert world.cloud.calls == []


def test_the_candidate_grows_when_live_has_grown_since() -> None:
    world = ready()
    world.cloud.ecs.update({"service": "staging-api-green", "desiredCount": 4})
    world.clock.advance(1)
    world.clock.advance(5)
    world.switchover()
    assert world.cloud.ecs.slots[Part.API, Colour.BLUE].desired == 4


def test_a_write_that_timed_out_is_tried_again_behind_a_new_intent() -> None:
    world, failures = ready(), [Transient("elbv2 ModifyRule: timed out")]

    def lose_the_answer(call: Call) -> None:
        if call.operation == "ModifyRule" and failures:
            raise failures.pop()

    world.cloud.before_write.append(lose_the_answer)
    world.switchover()
    assert world.cloud.weights.sole is Colour.BLUE


def test_the_first_switch_leaves_nothing_to_hold() -> None:
    world = World()
    world.deploy(FIRST)
    world.switchover()
    assert "Holding" not in world.said
    assert world.book.idle is None


def test_a_target_that_is_lost_while_the_old_colour_is_held_takes_the_traffic_back() -> None:
    world = ready()

    def fall_sick(call: Call) -> None:
        if call.operation == "ModifyRule" and not world.cloud.ecs.sick:
            world.cloud.ecs.sick.add(world.cloud.ecs.slots[Part.API, Colour.BLUE].tasks[0].address)

    world.cloud.before_write.append(fall_sick)
    with pytest.raises(Restored, match="blue lost targets under traffic: api: 1 healthy of 2"):
        world.switchover()
    assert world.cloud.weights == Weights(0, 100)
