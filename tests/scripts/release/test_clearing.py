"""settle and abort: what is on the idle colour goes, and nothing that is used goes with it."""

import pytest

from scripts.aws.model import Call
from scripts.errors import HalfWay, Refused
from scripts.release.ledger import Ledger, Outcome
from stacks.naming import Colour, Part
from tests.scripts.examples import actions
from tests.scripts.world import FIRST, NEW_API, NEW_MODEL, World


def desired(world: World) -> dict[str, int]:
    return {f"{part}-{colour}": service.desired for (part, colour), service in world.cloud.ecs.slots.items()}


def stop_at(world: World, operation: str) -> None:
    """Ctrl-C right after a call."""

    def hook(call: Call) -> None:
        if call.operation == operation:
            world.cloud.before_write.remove(hook)
            world.clock.on_move.append(interrupt)

    def interrupt() -> None:
        world.clock.on_move.remove(interrupt)
        raise KeyboardInterrupt

    world.cloud.before_write.append(hook)


def test_settle_stops_the_old_api_before_the_model_that_its_last_requests_need() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    world.switchover()
    world.cloud.calls.clear()
    world.settle()
    stopped = [c.parameters["service"] for c in world.cloud.calls if c.operation == "UpdateService"]
    assert stopped == ["staging-api-green", "staging-vllm-green"]


def test_settle_leaves_a_model_that_live_calls_alone() -> None:
    world = World().live(NEW_API)
    assert desired(world) == {"api-blue": 2, "api-green": 0, "vllm-blue": 0, "vllm-green": 2}


def test_settle_gives_autoscaling_back() -> None:
    world = World().live(NEW_API)
    assert world.cloud.ecs.slots[Part.API, Colour.BLUE].scale_in
    assert world.cloud.ecs.slots[Part.API, Colour.GREEN].bounds == (0, 0)


def test_settle_names_the_host_that_stays_and_its_cost() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    world.switchover()
    world.cloud.ecs._take_hosts_away = lambda: None  # type: ignore[method-assign]
    world.settle()
    assert "stays: empty, managed scale-in has not taken it yet" in world.said
    assert "$2.01/h" in world.said


def test_a_colour_that_was_given_traffic_by_hand_is_not_settled() -> None:
    world = World().live()
    world.deploy(NEW_API)
    world.switchover()
    world.cloud.actions = actions(world.manifest, 90, 10)
    world.cloud.calls.clear()
    with pytest.raises(Refused, match="green has 10 % of the traffic") as refused:
        world.settle()
    assert refused.value.next_command == "fab rollback --env staging --to blue"
    assert world.cloud.calls == []


def test_a_colour_that_gets_traffic_meanwhile_is_not_stopped() -> None:
    world = World().live()
    world.deploy(NEW_API)
    world.switchover()

    def meddle(call: Call) -> None:
        if call.operation == "RegisterScalableTarget":
            world.cloud.actions = actions(world.manifest, 90, 10)

    world.cloud.before_write.append(meddle)
    with pytest.raises(HalfWay, match="must have no traffic before it stops"):
        world.settle()
    assert desired(world)["api-green"] == 2


def test_settling_twice_has_nothing_to_do() -> None:
    world = World().live()
    assert world.settle().plan is None


def test_settle_does_not_take_a_candidate_for_an_old_colour() -> None:
    world = World().live()
    world.deploy(NEW_API)
    with pytest.raises(Refused, match="never live") as refused:
        world.settle()
    assert refused.value.next_command == "fab abort --env staging"


def test_a_settle_that_was_stopped_goes_on_where_it_was() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    world.switchover()
    stop_at(world, "UpdateService")
    with pytest.raises(HalfWay) as stopped:
        world.settle()
    assert stopped.value.next_command == "fab settle --env staging"
    with pytest.raises(Refused, match="is unfinished"):
        world.deploy(NEW_API)
    world.settle()
    assert desired(world) == {"api-blue": 2, "api-green": 0, "vllm-blue": 2, "vllm-green": 0}
    assert world.book.operation is None


def test_abort_takes_a_candidate_away() -> None:
    world = World().live()
    release = world.deploy(NEW_MODEL).release
    world.abort()
    assert desired(world) == {"api-blue": 0, "api-green": 2, "vllm-blue": 0, "vllm-green": 2}
    entry = Ledger(world.table, world.clock).entry(str(release))
    assert entry is not None
    assert entry.outcome is Outcome.ABORTED


def test_abort_of_a_first_candidate_leaves_an_empty_environment() -> None:
    world = World()
    world.deploy(FIRST)
    world.abort()
    assert set(desired(world).values()) == {0}
    world.deploy(FIRST)
    assert world.book.idle is not None
    assert world.book.idle.placement.colour is Colour.GREEN


def test_abort_leaves_the_warm_rollback_target_alone() -> None:
    world = World().live()
    world.deploy(NEW_API)
    world.switchover()
    with pytest.raises(Refused, match="warm rollback target") as refused:
        world.abort()
    assert refused.value.next_command == "fab settle --env staging"


def test_abort_with_nothing_there_is_already_so() -> None:
    assert World().live().abort().plan is None


@pytest.mark.parametrize(
    "operation", ["CreateCapacityReservation", "RegisterTaskDefinition", "UpdateService", "CancelCapacityReservation"]
)
def test_abort_ends_a_deploy_that_was_killed_after_any_call(operation: str) -> None:
    world = World().live()
    book = world.book

    def die(call: Call) -> None:
        if call.operation == operation:
            world.cloud.before_write.remove(die)
            world.clock.on_move.append(vanish)

    def vanish() -> None:
        world.clock.on_move.remove(vanish)
        raise Killed

    world.cloud.before_write.append(die)
    with pytest.raises(BaseException):  # noqa: B017
        world.deploy(NEW_MODEL)
    world.abort()
    assert desired(world) == {"api-blue": 0, "api-green": 2, "vllm-blue": 0, "vllm-green": 2}
    assert (world.book, world.cloud.capacity.released) == (book, True)


class Killed(BaseException):
    """SIGKILL: nothing that the process would do afterwards happens."""


def test_abort_of_a_switch_that_was_stopped_takes_the_traffic_back() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    stop_at(world, "ModifyRule")
    with pytest.raises(HalfWay) as stopped:
        world.switchover()
    assert stopped.value.next_command == "fab abort --env staging"
    world.abort()
    assert world.cloud.weights.sole is Colour.GREEN
    assert desired(world) == {"api-blue": 0, "api-green": 2, "vllm-blue": 0, "vllm-green": 2}
    assert world.cloud.violations == []


def test_rollback_of_a_switch_that_was_stopped_keeps_the_candidate_warm() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    stop_at(world, "ModifyRule")
    with pytest.raises(HalfWay):
        world.switchover()
    world.rollback()
    assert world.cloud.weights.sole is Colour.GREEN
    assert desired(world)["vllm-blue"] == 2
    world.switchover()
    assert world.book.is_unsettled
