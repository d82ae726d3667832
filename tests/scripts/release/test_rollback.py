"""rollback: at once, whoever holds the lock, and harmless when repeated."""

import pytest

from scripts.aws.model import Call
from scripts.errors import AwsFailed, HalfWay, Refused, Superseded
from scripts.release import rollback
from scripts.release.book import By, Role
from scripts.release.control import Control, Lease
from scripts.release.ports import DoorClosed
from scripts.release.rollback_target import Asked
from stacks.naming import Colour, Part
from tests.scripts.examples import actions
from tests.scripts.world import NEW_API, NEW_MODEL, World


def switched() -> World:
    world = World().live()
    world.deploy(NEW_MODEL)
    world.switchover()
    world.cloud.calls.clear()
    world.clock.advance(2000)
    return world


def test_a_rollback_is_one_write_and_nothing_else() -> None:
    world = switched()
    world.rollback()
    assert world.cloud.operations() == ["ModifyRule"]
    assert world.cloud.weights.sole is Colour.GREEN


def test_a_rollback_is_remembered_and_what_was_live_stays_warm() -> None:
    world = switched()
    world.rollback()
    assert world.book.live is not None
    assert world.book.idle is not None
    assert (world.book.live.by, world.book.idle.role) == (By.ROLLBACK, Role.ROLLED_BACK)


def test_twice_in_a_row_is_harmless() -> None:
    world = switched()
    world.rollback()
    again = world.rollback()
    assert again.target.already
    assert world.cloud.operations() == ["ModifyRule"]


def test_what_was_rolled_back_can_be_switched_to_again() -> None:
    world = switched()
    world.rollback()
    world.switchover()
    assert world.cloud.weights.sole is Colour.BLUE


def test_a_rollback_never_waits_for_the_lock() -> None:
    world = switched()
    control = Control(world.table)
    control.take(Lease("ben", "desk:7", "settle", "", "now"), control.read())
    began = world.clock.seconds
    world.rollback()
    assert world.clock.seconds - began <= world.manifest.policy.rollback_watch_seconds + 1
    assert control.read().lease is None


def test_a_rollback_in_the_middle_of_a_switch_returns_to_what_was_live() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)

    def undo_once(call: Call) -> None:
        if call.operation == "ModifyRule":
            world.cloud.before_write.clear()
            world.clock.on_move.append(roll_back_once)

    def roll_back_once() -> None:
        if world.cloud.weights.sole is Colour.BLUE and world.door.answers[-1][1] == "blue":
            world.clock.on_move.remove(roll_back_once)
            world.rollback()

    world.cloud.before_write.append(undo_once)
    with pytest.raises(Superseded):
        world.switchover()
    assert world.cloud.weights.sole is Colour.GREEN
    assert world.book.operation is None
    assert world.book.idle is not None
    assert world.book.idle.role is Role.ROLLED_BACK


def test_two_rollbacks_at_once_end_where_one_would() -> None:
    world, second = switched(), []

    def race(call: Call) -> None:
        world.cloud.before_write.clear()
        second.append(world.rollback())

    world.cloud.before_write.append(race)
    world.rollback()
    assert world.cloud.weights.sole is Colour.GREEN
    assert world.book.live is not None
    assert world.book.live.by is By.ROLLBACK
    assert second[0].target.colour is Colour.GREEN


def test_a_colour_needs_no_ledger() -> None:
    world = switched()
    world.table.down = True
    world.rollback(Colour.GREEN)
    assert world.cloud.weights.sole is Colour.GREEN
    assert "the ledger was not told" in world.said


def test_without_ledger_and_colour_it_says_how_to_name_one() -> None:
    world = switched()
    world.table.down = True
    with pytest.raises(Refused) as refused:
        world.rollback()
    assert refused.value.next_command == "fab rollback --env staging --to COLOUR"


def test_a_target_without_healthy_task_is_refused_unless_forced() -> None:
    world = switched()
    world.cloud.ecs.slots[Part.API, Colour.GREEN].tasks.clear()
    world.cloud.ecs.slots[Part.API, Colour.GREEN].desired = 0
    with pytest.raises(Refused, match="no healthy task"):
        world.rollback()
    assert world.cloud.calls == []
    with pytest.raises(HalfWay):
        world.rollback(force=True)
    assert world.cloud.weights.sole is Colour.GREEN


def test_when_neither_colour_is_healthy_the_rollback_goes_on() -> None:
    world = switched()
    for colour in Colour:
        world.cloud.ecs.slots[Part.API, colour].tasks.clear()
        world.cloud.ecs.slots[Part.API, colour].desired = 0
    with pytest.raises(HalfWay, match="the rule is written"):
        world.rollback()
    assert world.cloud.weights.sole is Colour.GREEN


def test_a_target_that_is_being_stopped_is_refused() -> None:
    world = switched()

    def interrupted(call: Call) -> None:
        if call.operation == "UpdateService":
            world.clock.on_move.insert(0, stop)

    def stop() -> None:
        raise KeyboardInterrupt

    world.cloud.before_write.append(interrupted)
    with pytest.raises(HalfWay):
        world.settle()
    world.clock.on_move.remove(stop)
    with pytest.raises(Refused, match="is being stopped by an unfinished command"):
        world.rollback()


def test_a_settled_target_offers_the_cold_path_with_its_time() -> None:
    world = World().live(NEW_API)
    with pytest.raises(Refused, match=r"is settled.*took \d+ s last time") as refused:
        world.rollback()
    assert refused.value.next_command is not None
    assert refused.value.next_command.startswith("fab deploy-green --env staging --api-image sha256:")


def test_a_first_release_has_nothing_behind_it() -> None:
    with pytest.raises(Refused, match="is the first release"):
        World().live().rollback()


def test_an_empty_environment_has_nothing_to_go_back_to() -> None:
    with pytest.raises(Refused, match="no release is live yet"):
        World().rollback()


def test_somebody_who_changes_the_rule_afterwards_is_written_over() -> None:
    world, began = switched(), 0.0

    def meddle() -> None:
        if world.clock.seconds > began + 5 and world.cloud.weights.sole is Colour.GREEN:
            world.clock.on_move.remove(meddle)
            world.cloud.actions = actions(world.manifest, 100, 0)

    began = world.clock.seconds
    world.clock.on_move.append(meddle)
    world.rollback()
    assert world.cloud.weights.sole is Colour.GREEN
    assert world.cloud.operations() == ["ModifyRule", "ModifyRule"]


def test_stale_reads_are_not_taken_for_somebody_who_changes_the_rule() -> None:
    world = switched()
    world.cloud.stale_seconds = 2.9
    world.clock.advance(1)
    world.rollback()
    assert world.cloud.operations() == ["ModifyRule"]


def test_late_propagation_is_waited_for_and_told() -> None:
    world = switched()
    world.door.delays["10.1.0.1:443"] = 60.0
    began = world.clock.seconds
    world.rollback()
    assert world.clock.seconds - began >= 60


def test_the_time_is_told_apart_into_write_verify_and_watch() -> None:
    world = switched()
    site = world.site
    rollback.rollback(site, Asked())
    assert [step.name for step in site.voice.steps] == ["write", "verify", "watch"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("to", [None, Colour.GREEN])
def test_just_after_settle_stopped_the_target_stale_reads_lead_nobody_there(to: Colour | None) -> None:
    world, refusals = switched(), list[Refused]()
    world.cloud.stale_seconds = 2.9

    def roll_back_after_the_stop() -> None:
        if world.cloud.ecs.slots[Part.API, Colour.GREEN].desired == 0 and not refusals:
            assert world.cloud.services()[Part.API, Colour.GREEN].desired > 0
            with pytest.raises(Refused, match="is being stopped") as refused:
                world.rollback(to)
            refusals.append(refused.value)

    world.clock.advance(5)
    world.clock.on_move.append(roll_back_after_the_stop)
    world.settle()
    assert refusals
    assert "ModifyRule" not in world.cloud.operations()
    assert world.cloud.weights.sole is Colour.BLUE


def test_a_name_that_does_not_resolve_for_a_while_is_only_late(monkeypatch: pytest.MonkeyPatch) -> None:
    world, failures = switched(), [DoorClosed("does not resolve")] * 3
    addresses = world.door.addresses

    def flaky() -> tuple[str, ...]:
        if failures:
            raise failures.pop()
        return addresses()

    monkeypatch.setattr(world.door, "addresses", flaky)
    world.rollback()
    assert world.cloud.operations() == ["ModifyRule"]
    assert not failures


def test_a_name_that_never_resolves_is_half_way_because_the_rule_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    world = switched()

    def closed() -> tuple[str, ...]:
        raise DoorClosed("door.example does not resolve")

    monkeypatch.setattr(world.door, "addresses", closed)
    with pytest.raises(HalfWay, match=r"the rule is written, but after 150 s .* does not resolve") as stopped:
        world.rollback()
    assert stopped.value.next_command == "fab rollback --env staging --to green"


@pytest.mark.parametrize("error", [AwsFailed("elbv2 ModifyRule: no"), ValueError("what?"), KeyboardInterrupt()])
def test_whatever_goes_wrong_once_the_write_was_tried_is_half_way(error: BaseException) -> None:
    world = switched()

    def fail(call: Call) -> None:
        raise error

    world.cloud.before_write.append(fail)
    with pytest.raises(HalfWay, match="before it was proven") as stopped:
        world.rollback()
    assert stopped.value.next_command == "fab rollback --env staging --to green"
