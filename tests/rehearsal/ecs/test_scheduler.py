import pytest

from rehearsal.ecs.model import Phase
from tests.rehearsal.ecs.world import Cluster

CHECK = {"healthCheck": {"command": ["CMD", "true"], "interval": 1, "retries": 2}}


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_a_service_runs_as_many_tasks_as_it_wants(cluster: Cluster) -> None:
    cluster.service("api", cluster.define("api:1"), 2)
    cluster.run(2)
    assert len(cluster.tasks("api", Phase.RUNNING)) == 2
    assert len(cluster.targets.registered) == 2


def test_a_gpu_task_waits_for_a_host_and_the_group_grows(cluster: Cluster) -> None:
    cluster.service("vllm", cluster.define("vllm:1", gpu=True), 2)
    cluster.run(1)
    assert len(cluster.tasks("vllm", Phase.WAITING)) == 2
    cluster.run(4)
    running = cluster.tasks("vllm", Phase.RUNNING)
    assert len({task.host for task in running}) == 2


def test_no_task_shares_a_gpu_when_the_group_is_full() -> None:
    cluster = Cluster(maximum_hosts=1)
    cluster.service("vllm", cluster.define("vllm:1", gpu=True), 2)
    cluster.run(10)
    assert len(cluster.tasks("vllm", Phase.RUNNING)) == 1
    assert len(cluster.tasks("vllm", Phase.WAITING)) == 1


def test_empty_hosts_are_taken_away(cluster: Cluster) -> None:
    service = cluster.service("vllm", cluster.define("vllm:1", gpu=True), 2)
    cluster.run(6)
    service.desired_count = 0
    cluster.run(20)
    assert cluster.scheduler.hosts.all == []


def test_a_task_is_deregistered_first_and_terminated_when_the_delay_is_over(cluster: Cluster) -> None:
    service = cluster.service("api", cluster.define("api:1"), 1)
    cluster.run(2)
    task = cluster.tasks("api")[0]
    service.desired_count = 0
    cluster.run(4)
    assert task.phase is Phase.DRAINING
    assert "SIGTERM" not in cluster.runner.sent(task)
    cluster.run(4)
    assert task.phase is Phase.STOPPED
    assert cluster.runner.sent(task)[1] == "SIGTERM"


def test_requests_in_flight_are_cut_when_the_deregistration_delay_ends(cluster: Cluster) -> None:
    service = cluster.service("api", cluster.define("api:1"), 1)
    cluster.run(2)
    task = cluster.tasks("api")[0]
    cluster.runner.in_flight = 1
    service.desired_count = 0
    cluster.run(8)
    assert cluster.runner.sent(task) == ["start", "SIGKILL"]


def test_a_stubborn_task_is_killed_after_its_stop_timeout(cluster: Cluster) -> None:
    service = cluster.service("api", cluster.define("api:1"), 1)
    cluster.run(2)
    task = cluster.tasks("api")[0]
    cluster.runner.obedient = False
    service.desired_count = 0
    cluster.run(8)
    assert task.phase is Phase.STOPPING
    cluster.run(4)
    assert (task.phase, task.exit_code) == (Phase.STOPPED, 137)


def test_a_crash_loop_backs_off_and_is_given_up(cluster: Cluster) -> None:
    cluster.runner.crash = True
    cluster.service("api", cluster.define("api:1"), 1)
    cluster.run(60)
    stopped = cluster.tasks("api", Phase.STOPPED)
    assert len(stopped) == 3
    assert {task.reason for task in stopped} == {"Essential container in task exited"}
    assert cluster.scheduler.deployments["api"][0].failed_tasks == 3


def test_a_task_whose_secret_is_missing_says_so(cluster: Cluster) -> None:
    cluster.runner.refusal = "ResourceInitializationError: no value"
    cluster.service("api", cluster.define("api:1"), 1)
    cluster.run(2)
    assert cluster.tasks("api", Phase.STOPPED)[0].reason.startswith("ResourceInitializationError")


def test_a_task_that_cannot_start_fails_and_keeps_no_other_from_starting(cluster: Cluster) -> None:
    cluster.runner.unstartable = {"broken"}
    cluster.service("broken", cluster.define("broken:1"), 1)
    cluster.service("api", cluster.define("api:1"), 1)
    cluster.run(60)
    stopped = cluster.tasks("broken", Phase.STOPPED)
    assert {task.reason for task in stopped} == {"CannotStartContainerError: no such command"}
    assert cluster.scheduler.deployments["broken"][0].failed_tasks == len(stopped) == 3
    assert len(cluster.tasks("api", Phase.RUNNING)) == 1


def test_a_dead_task_is_replaced(cluster: Cluster) -> None:
    cluster.service("api", cluster.define("api:1"), 1)
    cluster.run(2)
    first = cluster.tasks("api")[0]
    cluster.runner.exit_codes[first.id] = 1
    cluster.run(3)
    assert first.phase is Phase.STOPPED
    assert len(cluster.tasks("api", Phase.RUNNING)) == 1


def test_a_task_of_a_held_service_waits_and_counts_as_no_failure(cluster: Cluster) -> None:
    cluster.service("vllm", cluster.define("vllm:1", gpu=True), 1)
    cluster.run(5)
    first = cluster.tasks("vllm", Phase.RUNNING)[0]
    cluster.scheduler.held = {"vllm"}
    cluster.runner.exit_codes[first.id] = 137
    cluster.run(60)
    assert [task.phase for task in cluster.tasks("vllm") if task is not first] == [Phase.WAITING]
    assert cluster.scheduler.deployments["vllm"][0].failed_tasks == 0
    cluster.scheduler.held = set()
    cluster.run(2)
    assert len(cluster.tasks("vllm", Phase.RUNNING)) == 1


def test_an_unhealthy_target_is_replaced_only_after_the_grace_period(cluster: Cluster) -> None:
    cluster.targets.verdict = "unhealthy"
    cluster.service("api", cluster.define("api:1"), 1, grace_seconds=10)
    cluster.run(8)
    task = cluster.tasks("api")[0]
    assert task.phase is Phase.RUNNING
    cluster.run(6)
    assert task.phase is not Phase.RUNNING
    assert task.reason == "Task failed ELB health checks"


def test_a_container_that_fails_its_own_check_is_replaced(cluster: Cluster) -> None:
    cluster.service("api", cluster.define("api:1", **CHECK), 1)
    cluster.run(2)
    task = cluster.tasks("api")[0]
    cluster.runner.verdicts[task.id] = False
    cluster.run(2)
    assert task.reason == "Task failed container health checks"


def test_a_new_revision_never_leaves_fewer_healthy_tasks_than_before(cluster: Cluster) -> None:
    service = cluster.service("api", cluster.define("api:1"), 2)
    cluster.run(2)
    service.task_definition = cluster.define("api:2")
    fewest = 2
    for _ in range(40):
        cluster.run(0.5)
        fewest = min(fewest, len(cluster.tasks("api", Phase.RUNNING)))
    assert fewest == 2
    assert {task.revision.arn for task in cluster.tasks("api", Phase.RUNNING)} == {"api:2"}


def test_a_lost_host_takes_its_tasks_with_it_and_they_run_again_elsewhere(cluster: Cluster) -> None:
    cluster.service("vllm", cluster.define("vllm:1", gpu=True), 1)
    cluster.run(5)
    task = cluster.tasks("vllm", Phase.RUNNING)[0]
    lost = cluster.scheduler.lose_host("vllm")
    assert lost == task.host
    assert cluster.runner.sent(task)[-1] == "SIGSTOP"
    cluster.run(25)
    assert task.reason == f"Host EC2 (instance {lost}) terminated."
    replacement = cluster.tasks("vllm", Phase.RUNNING)
    assert len(replacement) == 1
    assert replacement[0].host != lost


def test_a_forced_deployment_replaces_tasks_of_the_same_revision(cluster: Cluster) -> None:
    cluster.service("api", cluster.define("api:1"), 2)
    cluster.run(2)
    before = {task.id for task in cluster.tasks("api")}
    cluster.scheduler.updated({"service": "api", "forceNewDeployment": True})
    cluster.run(12)
    assert len(cluster.tasks("api", Phase.RUNNING)) == 2
    assert not before & {task.id for task in cluster.tasks("api", Phase.RUNNING)}


def test_a_forced_deployment_starts_all_successors_before_it_stops_anything(cluster: Cluster) -> None:
    cluster.service("api", cluster.define("api:1"), 2)
    cluster.run(2)
    cluster.scheduler.updated({"service": "api", "forceNewDeployment": True})
    most, fewest = 0, 2
    for _ in range(24):
        cluster.run(0.5)
        running = len(cluster.tasks("api", Phase.RUNNING))
        most, fewest = max(most, running), min(fewest, running)
    assert (most, fewest) == (4, 2)


def test_successors_that_never_become_healthy_take_no_place(cluster: Cluster) -> None:
    cluster.service("api", cluster.define("api:1"), 2)
    cluster.run(2)
    before = cluster.tasks("api")
    cluster.runner.crash = True
    cluster.scheduler.updated({"service": "api", "forceNewDeployment": True})
    cluster.run(30)
    assert cluster.tasks("api", Phase.RUNNING) == before
    assert cluster.scheduler.deployments["api"][0].failed_tasks >= 3


def test_an_update_without_force_begins_no_deployment(cluster: Cluster) -> None:
    cluster.service("api", cluster.define("api:1"), 2)
    cluster.run(2)
    cluster.scheduler.updated({"service": "api", "desiredCount": 2})
    assert len(cluster.scheduler.deployments["api"]) == 1
