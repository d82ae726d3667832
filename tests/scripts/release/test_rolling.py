"""Judging a forced deployment: old and new tasks have the same definition, only the deployment tells them apart."""

import pytest

from scripts.aws.model import Deployment, Service, Target, Task
from scripts.release.rolling import judge_rolled
from scripts.release.waiting import Look, Verdict

NEW, OLD = "ecs-svc/2", "ecs-svc/1"
DEFINITION = "arn:api:1"


def look(
    *,
    primary: str = NEW,
    rollout: str = "IN_PROGRESS",
    running: tuple[str, ...] = (NEW, NEW),
    unhealthy: int = 0,
    draining: int = 0,
    crashed: tuple[str, ...] = (),
    reason: str = "exited with 1",
) -> Look:
    tasks = tuple(Task(f"t{n}", DEFINITION, "RUNNING", f"10.0.0.{n}", deployment=by) for n, by in enumerate(running))
    states = ["unhealthy"] * unhealthy + ["healthy"] * (len(tasks) - unhealthy)
    targets = [Target(str(task.address), state) for task, state in zip(tasks, states, strict=True)]
    targets += [Target(f"10.0.1.{n}", "draining") for n in range(draining)]
    stopped = tuple(Task(f"s{n}", DEFINITION, "STOPPED", None, reason, by) for n, by in enumerate(crashed))
    deployment = Deployment("PRIMARY", DEFINITION, 2, 2, rollout, "tasks failed to start", id=primary)
    return Look(Service("api", DEFINITION, 2, len(tasks), 0, (deployment,)), tasks, stopped, tuple(targets))


def test_only_new_tasks_that_are_healthy_is_done() -> None:
    assert judge_rolled(look(), NEW)[0] is Verdict.DONE


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (look(primary=OLD, running=(OLD, OLD)), "does not show the new deployment yet"),
        (look(running=(OLD, OLD)), "0 of 2 new tasks running"),
        (look(running=(NEW, OLD, OLD)), "1 of 2 new tasks running"),
        (look(running=(NEW, NEW, OLD)), "old ones still drain"),
        (look(draining=1), "old ones still drain"),
        (look(unhealthy=1), "1 healthy"),
        (look(running=(NEW,), crashed=(NEW, NEW)), "1 of 2"),
        (look(running=(NEW,), crashed=(OLD,) * 5), "1 of 2"),
    ],
)
def test_anything_less_is_waited_for(seen: Look, says: str) -> None:
    verdict, line = judge_rolled(seen, NEW)
    assert says in line
    assert verdict is Verdict.WAITING


def test_successors_that_autoscaling_stopped_did_not_crash() -> None:
    fewer = f"Scaling activity initiated by (deployment {NEW}); gateway exited with 0"
    assert judge_rolled(look(crashed=(NEW,) * 3, reason=fewer), NEW)[0] is Verdict.DONE
    assert judge_rolled(look(crashed=(NEW,) * 3, reason="Task failed ELB health checks"), NEW)[0] is Verdict.FAILED


@pytest.mark.parametrize("seen", [look(running=(OLD, OLD), crashed=(NEW,) * 3), look(rollout="FAILED")])
def test_new_tasks_that_do_not_start_are_a_failure_with_the_reason(seen: Look) -> None:
    verdict, line = judge_rolled(seen, NEW)
    assert verdict is Verdict.FAILED
    assert "the last because: " in line
    assert "no reason given" not in line
