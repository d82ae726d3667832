"""Judging a service by evidence that belongs to the new revision."""

import pytest

from scripts.aws.model import Deployment, Service, Target, Task
from scripts.release.ledger import Ledger
from scripts.release.lock import held
from scripts.release.waiting import Look, Verdict, await_stopped, judge
from scripts.release.work import Work
from scripts.task_names import TaskName
from stacks.naming import Colour, Part
from tests.scripts.world import World

NEW, OLD = "arn:api:2", "arn:api:1"


def look(
    *,
    primary: str = NEW,
    rollout: str = "IN_PROGRESS",
    running: tuple[str, ...] = (NEW, NEW),
    healthy: int = 2,
    crashed: int = 0,
    crashed_revision: str = NEW,
    reason: str = "exited with 1",
) -> Look:
    tasks = tuple(Task(f"t{n}", definition, "RUNNING", f"10.0.0.{n}") for n, definition in enumerate(running))
    states = ["healthy"] * healthy + ["unhealthy"] * (len(tasks) - healthy)
    targets = tuple(Target(str(t.address), state) for t, state in zip(tasks, states, strict=True))
    stopped = tuple(Task(f"s{n}", crashed_revision, "STOPPED", None, reason) for n in range(crashed))
    deployment = Deployment("PRIMARY", primary, 2, len(tasks), rollout, "tasks failed to start")
    return Look(Service("api", primary, 2, len(tasks), 0, (deployment,)), tasks, stopped, targets)


def test_all_running_and_healthy_is_done() -> None:
    assert judge(look(), NEW, 2)[0] is Verdict.DONE


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (look(primary=OLD, running=(OLD, OLD)), "the revision from before"),
        (look(running=(OLD, OLD)), "0 of 2 running"),
        (look(running=(NEW, NEW, OLD), healthy=3), "2 of 2 running"),
        (look(healthy=1), "1 healthy"),
        (look(running=(NEW,), healthy=1), "1 of 2 running"),
        (look(running=(NEW,), healthy=1, crashed=2), "last stop: exited with 1"),
        (look(running=(NEW,), healthy=1, crashed=5, crashed_revision=OLD), "1 of 2"),
        (look(running=(NEW,), healthy=1, crashed=5, reason="Scaling activity initiated by (deployment 2)"), "1 of 2"),
    ],
)
def test_anything_less_is_waited_for(seen: Look, says: str) -> None:
    verdict, line = judge(seen, NEW, 2)
    assert says in line
    assert verdict is Verdict.WAITING


def test_a_rolled_back_deployment_is_not_a_success() -> None:
    """ECS's own waiter is content here: one deployment, running == desired."""
    assert judge(look(primary=OLD, running=(OLD, OLD)), NEW, 2)[0] is Verdict.WAITING


@pytest.mark.parametrize(
    ("seen", "says"), [(look(crashed=3), "exited with 1"), (look(rollout="FAILED"), "tasks failed to start")]
)
def test_a_crash_loop_and_ecs_own_verdict_fail_at_once(seen: Look, says: str) -> None:
    verdict, line = judge(seen, NEW, 2)
    assert verdict is Verdict.FAILED
    assert says in line


def test_a_zero_from_before_the_start_is_not_taken_for_the_end() -> None:
    """Started and stopped at once: what is read first is the emptiness from before both."""
    world = World().live()
    world.cloud.stale_seconds = 2.5
    world.clock.advance(1)
    service = {"service": world.manifest.slot(Part.API, Colour.BLUE).service}
    world.cloud.ecs.update({**service, "desiredCount": 2})
    world.clock.advance(0.5)
    world.cloud.ecs.update({**service, "desiredCount": 0})
    with held(world.site, TaskName.SETTLE, "") as guard:
        work = Work(world.site, guard, Ledger(world.table, world.clock), world.book)
        await_stopped(work, Part.API, Colour.BLUE)
    assert world.cloud.ecs.slots[Part.API, Colour.BLUE].tasks == []
