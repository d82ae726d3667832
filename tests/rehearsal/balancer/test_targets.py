from rehearsal.balancer.controller import merge
from rehearsal.balancer.model import Endpoint
from rehearsal.balancer.targets import Targets, TargetState

GROUP, ADDRESS, PORT = "arn:group", "127.9.16.1", 8080
TARGET = Endpoint(ADDRESS, PORT)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def make(delay_seconds: float) -> tuple[Targets, Clock]:
    clock = Clock()
    targets = Targets(lambda arn: delay_seconds, clock)
    targets.register(GROUP, ADDRESS, PORT)
    return targets, clock


def test_a_new_target_is_initial_until_a_check_says_more() -> None:
    targets, _ = make(5)
    assert targets.health(GROUP, ADDRESS, PORT) == TargetState.INITIAL
    targets.observe(GROUP, {TARGET: TargetState.HEALTHY})
    assert targets.health(GROUP, ADDRESS, PORT) == TargetState.HEALTHY


def test_a_deregistered_target_drains_for_the_delay_and_is_then_unused() -> None:
    targets, clock = make(5)
    targets.deregister(GROUP, ADDRESS, PORT)
    assert targets.health(GROUP, ADDRESS, PORT) == TargetState.DRAINING
    assert targets.registered(GROUP) == []
    clock.now = 5.0
    assert targets.health(GROUP, ADDRESS, PORT) is None


def test_without_a_delay_a_target_is_unused_at_once() -> None:
    targets, _ = make(0)
    targets.deregister(GROUP, ADDRESS, PORT)
    assert targets.health(GROUP, ADDRESS, PORT) is None


def test_a_late_report_does_not_bring_a_target_back() -> None:
    targets, _ = make(5)
    targets.deregister(GROUP, ADDRESS, PORT)
    targets.observe(GROUP, {TARGET: TargetState.HEALTHY})
    assert targets.health(GROUP, ADDRESS, PORT) == TargetState.DRAINING


def test_a_target_is_healthy_only_where_every_node_says_so() -> None:
    healthy, unhealthy = {TARGET: TargetState.HEALTHY}, {TARGET: TargetState.UNHEALTHY}
    assert merge([healthy, healthy]) == healthy
    assert merge([healthy, unhealthy]) == unhealthy
    assert merge([healthy, {}]) == {TARGET: TargetState.INITIAL}
