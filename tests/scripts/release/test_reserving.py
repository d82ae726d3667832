"""The release reservation proves hosts that EC2 has besides those that run, and none is left behind."""

import pytest

from scripts.errors import AwsFailed, ExitCode, HalfWay, Refused
from tests.scripts.world import FIRST, NEW_MODEL, World


def asked(world: World) -> list[tuple[str, int]]:
    calls = [call.parameters for call in world.cloud.calls if call.operation == "CreateCapacityReservation"]
    return [(call["AvailabilityZone"], call["InstanceCount"]) for call in calls]


def live() -> World:
    """Two hosts run, one in each zone, and neither is in a reservation."""
    world = World().live()
    world.cloud.calls.clear()
    return world


def test_the_reservation_is_given_back_when_the_hosts_run() -> None:
    world = live()
    world.deploy(NEW_MODEL)
    assert world.cloud.capacity.released
    assert {"CreateCapacityReservation", "CancelCapacityReservation"} <= set(world.cloud.operations())


def test_the_reservation_is_the_first_change() -> None:
    world = World()
    world.deploy(FIRST)
    assert world.cloud.operations()[0] == "CreateCapacityReservation"


def test_hosts_that_run_get_places_of_their_own_so_that_the_rest_is_new() -> None:
    world = live()
    world.deploy(NEW_MODEL)
    assert asked(world) == [("us-east-1a", 2 + 1)]


def test_a_live_host_that_moves_into_the_reservation_proves_nothing() -> None:
    world = live()
    world.cloud.capacity.launchable = {"us-east-1a": 0, "us-east-1b": 0}
    with pytest.raises(Refused, match=r"EC2 has no 2 g5.xlarge .*\(2 missing\)"):
        world.deploy(NEW_MODEL)
    assert world.cloud.capacity.released


def test_hosts_are_reserved_zone_by_zone() -> None:
    world = live()
    world.cloud.capacity.launchable = {"us-east-1a": 1, "us-east-1b": 1}
    world.deploy(NEW_MODEL)
    assert asked(world)[-2:] == [("us-east-1a", 1 + 1), ("us-east-1b", 1 + 1)]


def test_no_host_to_be_had_in_any_zone_refuses_and_changes_nothing() -> None:
    world = live()
    world.cloud.capacity.launchable = {"us-east-1a": 0, "us-east-1b": 1}
    before, book = dict(world.cloud.ecs.slots), world.book
    with pytest.raises(Refused, match=r"EC2 has no 2 g5.xlarge .* nothing was changed") as refused:
        world.deploy(NEW_MODEL)
    assert refused.value.exit_code == ExitCode.REFUSED
    assert (world.cloud.ecs.slots, world.book, world.cloud.capacity.released) == (before, book, True)
    assert "UpdateService" not in world.cloud.operations()


def test_what_hosts_of_another_environment_take_is_not_counted() -> None:
    world = live()
    world.cloud.capacity.others = ["us-east-1a", "us-east-1a"]
    world.deploy(NEW_MODEL)
    assert "0 in us-east-1a: other hosts of the account took the rest" in world.said
    assert asked(world) == [("us-east-1a", 2 + 1), ("us-east-1b", 2 + 1)]
    assert world.cloud.capacity.released


def test_what_is_left_in_a_zone_counts_and_only_the_rest_is_asked_of_the_next() -> None:
    world = live()
    world.cloud.capacity.others = ["us-east-1a"]
    world.deploy(NEW_MODEL)
    assert asked(world) == [("us-east-1a", 2 + 1), ("us-east-1b", 1 + 1)]


def test_a_permanent_reservation_that_lies_idle_is_used_before_ec2_is_asked() -> None:
    world = World()
    for zone in world.manifest.capacity.zones:
        world.cloud.capacity.keep(zone, 1)
    world.deploy(FIRST)
    assert asked(world) == []


def test_only_what_no_permanent_reservation_has_a_place_for_is_proven() -> None:
    world = live()
    world.cloud.capacity.keep("us-east-1a", 2)
    world.deploy(NEW_MODEL)
    assert asked(world) == [("us-east-1a", 1)]


def test_what_another_environment_keeps_is_not_ours_to_use() -> None:
    world = World()
    world.cloud.capacity.keep("us-east-1a", 2, environment="production")
    world.deploy(FIRST)
    assert asked(world) == [("us-east-1a", 2)]


def test_a_group_that_may_not_grow_is_refused_though_places_are_kept() -> None:
    world = live()
    world.cloud.capacity.keep("us-east-1a", 4)
    world.cloud.group_maximum = 3
    with pytest.raises(Refused, match=r"2 more g5.xlarge needed"):
        world.deploy(NEW_MODEL)


def test_a_reservation_that_ec2_shows_late_is_waited_for() -> None:
    world = live()
    world.cloud.capacity.unknown_reads, world.cloud.capacity.pending_reads = 2, 5
    world.deploy(NEW_MODEL)
    assert asked(world) == [("us-east-1a", 3)]
    assert world.cloud.capacity.released


def test_a_reservation_that_never_becomes_active_leaves_it_half_way_and_abort_ends_it() -> None:
    world = live()
    world.cloud.capacity.pending_reads = 10_000
    with pytest.raises(HalfWay) as stopped:
        world.deploy(NEW_MODEL)
    assert stopped.value.next_command == "fab abort --env staging"
    for entry in world.cloud.capacity.entries.values():
        entry.pending = 0
    world.abort()
    assert world.cloud.capacity.released


def test_a_refusal_by_ec2_for_another_reason_is_told_and_leaves_nothing() -> None:
    world = live()
    world.cloud.capacity.launchable = {"us-east-1a": 1, "us-east-1b": 1}

    def at_the_second(call: object) -> None:
        if not world.cloud.capacity.released:
            world.cloud.capacity.refuses = AwsFailed("ec2 CreateCapacityReservation: quota", "InstanceLimitExceeded")

    world.cloud.before_write.append(at_the_second)
    with pytest.raises(Refused, match="quota; nothing was changed"):
        world.deploy(NEW_MODEL)
    assert world.cloud.capacity.released


def test_a_reservation_that_is_pending_after_a_crash_is_ended_by_abort() -> None:
    world = live()
    world.cloud.capacity.pending_reads = 3

    def crash(call: object) -> None:
        if not world.cloud.capacity.released:
            world.cloud.before_write.remove(crash)
            raise KeyboardInterrupt

    world.cloud.before_write.append(crash)
    with pytest.raises(HalfWay):
        world.deploy(NEW_MODEL)
    for entry in world.cloud.capacity.entries.values():
        entry.pending = 3
    world.abort()
    assert world.cloud.capacity.released
