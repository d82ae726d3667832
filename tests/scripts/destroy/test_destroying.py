"""Taking an environment down, against moto: everything of it, nothing of others, and on from every stop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest

from scripts.aws import buckets
from scripts.aws.clients import Clients
from scripts.aws.model import Call
from scripts.aws.table import DynamoTable
from scripts.console import Console
from scripts.destroy import inventory, losing, refusing
from scripts.destroy.carrying_out import Hands, carry_out
from scripts.destroy.steps import AwaitStopped, CallAws, RunPulumi, steps
from scripts.errors import HalfWay, Refused
from scripts.release import book as books
from scripts.release.book import Book, Live, Operation
from scripts.release.control import Control, Lease
from scripts.release.model import Placement
from scripts.task_names import TaskName
from stacks.naming import Colour
from tests.scripts.canned_answers import answer
from tests.scripts.destroy import staging
from tests.scripts.fake_clock import FakeClock

AGAIN = "fab environment.destroy --env staging"


@dataclass
class Pulumi:
    """A stand-in that keeps the command lines. `before` runs ahead of each; it ends with `statuses`, then with 0."""

    statuses: list[int] = field(default_factory=list)
    before: Callable[[Sequence[str]], None] = lambda argv: None
    ran: list[str] = field(default_factory=list)

    def __call__(self, argv: Sequence[str]) -> int:
        self.before(argv)
        self.ran.append(" ".join(argv))
        return self.statuses.pop(0) if self.statuses else 0


class Leaping(FakeClock):
    """Long waits in few looks."""

    def sleep(self, seconds: float) -> None:
        self.advance(1000)


def destroy(of: Clients, pulumi: Pulumi | None = None, clock: FakeClock | None = None) -> str:
    said = StringIO()
    found = inventory.read(of, "staging")
    refusing.refuse(found)
    console = Console(said, said, interactive=False)
    carry_out(found, steps(found), Hands(of, clock or FakeClock(), console, pulumi or Pulumi(), "laptop:1"))
    return said.getvalue()


def ledger(of: Clients) -> Control:
    return Control(DynamoTable(of, "switchyard-staging-ledger"))


def hold(of: Clients, command: str, book: Book | None = None) -> None:
    """Somebody's lock, and what the book says."""
    control = ledger(of)
    fence = control.take(Lease("ana", "laptop:1", command, "because", "now"), control.read())
    if book is not None:
        control.keep(fence, book)


def release_lock(of: Clients) -> None:
    control = ledger(of)
    control.let_go(control.read().fence)


def live_book(operation: Operation | None = None) -> Book:
    placement = Placement("r-1", Colour.BLUE, Colour.BLUE)
    return Book(live=Live(placement, "2026-11-24 10:00:00 UTC", books.By.SWITCHOVER, None), operation=operation)


def test_everything_that_would_stop_pulumi_is_taken_away_before_it_runs() -> None:
    with staging.standing() as found:

        def nothing_protects(argv: Sequence[str]) -> None:
            left = inventory.read(found, "staging")
            assert [(service.desired, service.bounds) for service in left.services] == [(0, (0, 0))] * 4
            assert left.group is not None
            assert (left.group.maximum, left.group.desired, left.group.protects_new) == (0, 0, False)
            assert left.group.protected_hosts == ()
            assert not any(balancer.protected for balancer in left.balancers)
            assert not any(table.protected for table in left.tables)
            assert not any(bucket.versions for bucket in left.buckets)
            assert not any(repository.digests for repository in left.repositories)

        pulumi = Pulumi(before=nothing_protects)
        destroy(found, pulumi)
    assert pulumi.ran == [
        "pulumi state unprotect --all --stack staging --yes --non-interactive",
        "pulumi destroy --stack staging --yes --non-interactive",
    ]


def test_nothing_of_another_environment_and_not_pulumis_own_bucket_is_touched() -> None:
    with staging.standing() as found:
        destroy(found)
        assert [buckets.contents(found, name).versions for name in staging.OTHERS] == [3, 3]


def test_an_environment_called_state_does_not_own_pulumis_bucket() -> None:
    with staging.standing() as found:
        staging.bucket(found, f"switchyard-state-models-{staging.ACCOUNT_ID}")
        kept = inventory.read(found, "state").buckets
    assert [bucket.name for bucket in kept] == [f"switchyard-state-models-{staging.ACCOUNT_ID}"]


def test_what_would_be_lost_and_what_goes_on_costing_is_said() -> None:
    with staging.standing() as found:
        hold(found, "switchover", live_book())
        release_lock(found)
        text = losing.text(inventory.read(found, "staging"))
    for part in (
        "the live release r-1 on blue",
        "service staging-vllm-blue: 0 of 2 tasks run",
        "2 GPU hosts",
        "table switchyard-staging-ledger: about 1 item ",
        f"bucket {staging.BUCKETS[1]}: 3 versions of objects",
        "repository switchyard-staging-api: 1 image",
        "capacity reservation cr-1: 1 x g5.xlarge",
        "Reserved Instances ri-1: 2 x g5.xlarge of this account until 2027-08-01",
        "secret switchyard/staging/api-keys: recoverable for 30 days",
        "a backup of each table",
    ):
        assert part in text
    assert "ri-2" not in text


def test_a_lock_that_is_held_refuses_with_who_and_what_to_do() -> None:
    with staging.standing() as found:
        hold(found, "deploy-green")
        with pytest.raises(Refused, match="deploy-green by ana on laptop:1") as refused:
            destroy(found)
        assert refused.value.next_command == "fab lock.release --env staging"


def test_an_unfinished_operation_refuses() -> None:
    operation = Operation("1", TaskName.SWITCHOVER, "r-1", "ana", "10:00")
    with staging.standing() as found:
        hold(found, "switchover", live_book(operation))
        release_lock(found)
        with pytest.raises(Refused, match="switchover of ana since 10:00 is unfinished") as refused:
            destroy(found)
        assert refused.value.next_command == "fab abort --env staging"


def test_a_release_that_begins_while_somebody_reads_the_question_wins() -> None:
    with staging.standing() as found:
        seen = inventory.read(found, "staging")
        hold(found, "deploy-green")
        said = StringIO()
        hands = Hands(found, FakeClock(), Console(said, said, interactive=False), Pulumi(), "laptop:1")
        with pytest.raises(Refused, match="somebody took the lock just now: deploy-green by ana"):
            carry_out(seen, steps(seen), hands)
        assert inventory.read(found, "staging").services[0].desired == 2


def test_the_lock_is_held_from_the_first_change_on_and_its_own_rerun_goes_on() -> None:
    with staging.standing() as found:
        answer(found, "elbv2.ModifyLoadBalancerAttributes", error="AccessDenied")
        with pytest.raises(HalfWay, match=r"AccessDenied.*the next run goes on") as stopped:
            destroy(found)
        assert stopped.value.next_command == AGAIN
        lease = ledger(found).read().lease
        assert lease is not None and lease.command == "environment.destroy"
        with pytest.raises(HalfWay, match="AccessDenied"):
            destroy(found)


@pytest.mark.parametrize("done", [1, 3, 4, 6, 9, 12, 14])
def test_a_rerun_after_any_stop_leaves_out_what_is_done_and_ends(done: int) -> None:
    with staging.standing() as found:
        seen = inventory.read(found, "staging")
        hands = Hands(found, FakeClock(), Console(StringIO(), StringIO(), interactive=False), Pulumi(), "laptop:1")
        planned = steps(seen)
        assert done < len(planned)
        carry_out(seen, planned[:done], hands)
        left = {step.name for step in steps(inventory.read(found, "staging"))}
        always = (AwaitStopped, RunPulumi)
        assert left.isdisjoint(step.name for step in planned[:done] if not isinstance(step, always))
        assert left >= {step.name for step in planned[done:]}


def test_a_run_after_the_ledger_and_all_else_is_gone_still_ends_with_pulumi() -> None:
    with staging.empty() as found:
        seen = inventory.read(found, "staging")
        assert seen.control is None
        assert [step.name for step in steps(seen)] == ["unprotect the stack", "destroy the stack"]
        destroy(found)


def test_logs_that_arrive_while_the_stack_goes_are_deleted_and_pulumi_runs_once_more() -> None:
    with staging.standing() as found:

        def log_arrives(argv: Sequence[str]) -> None:
            if "destroy" in argv and len(pulumi.ran) == 1:
                found.read("s3").put_object(Bucket=staging.BUCKETS[0], Key="late", Body=b"x")

        pulumi = Pulumi(statuses=[0, 1], before=log_arrives)
        assert f"logs arrived meanwhile in {staging.BUCKETS[0]}" in destroy(found, pulumi)
        assert buckets.contents(found, staging.BUCKETS[0]).versions == 0
    assert [line.split()[1] for line in pulumi.ran] == ["state", "destroy", "destroy"]


@pytest.mark.parametrize("statuses", [[1], [0, 1]])
def test_a_pulumi_that_fails_stops_half_way(statuses: list[int]) -> None:
    with staging.standing() as found, pytest.raises(HalfWay, match="pulumi") as stopped:
        destroy(found, Pulumi(statuses=statuses))
    assert stopped.value.next_command == AGAIN


def test_ctrl_c_after_the_first_change_is_half_way() -> None:
    def interrupt(_argv: Sequence[str]) -> None:
        raise KeyboardInterrupt

    with staging.standing() as found, pytest.raises(HalfWay, match="stopped; the next run goes on"):
        destroy(found, Pulumi(before=interrupt))


def test_hosts_stay_until_the_last_answer_has_ended() -> None:
    with staging.standing() as found:
        names = [step.name for step in steps(inventory.read(found, "staging"))]
    assert names.index("await stopped") < names.index("release hosts")
    assert all(names.index(name) < names.index("await stopped") for name in names if name.startswith("stop "))


def test_tasks_that_drain_are_waited_for_and_a_limit_ends_the_wait() -> None:
    arn = f"arn:aws:ecs:us-east-1:123456789012:task/{staging.CLUSTER}/1"
    draining = {"taskArn": arn, "taskDefinitionArn": "t", "lastStatus": "DEACTIVATING"}
    with staging.standing() as found:
        answer(found, "ecs.ListTasks", {"taskArns": [arn]})
        answer(found, "ecs.DescribeTasks", {"tasks": [draining]})
        with pytest.raises(HalfWay, match="8 tasks of switchyard-staging still run after 3720 s"):
            destroy(found, clock=Leaping())


def test_a_version_that_cannot_be_deleted_is_named() -> None:
    denied: dict[str, Any] = {"Errors": [{"Key": "weights", "Code": "AccessDenied", "Message": "held"}]}
    with staging.standing() as found:
        answer(found, "s3.DeleteObjects", denied)
        with pytest.raises(HalfWay, match=r"1 of 3 versions in .*, the first is weights: held"):
            destroy(found)


def test_a_reservation_that_a_release_left_is_cancelled_and_pulumis_own_is_left_to_pulumi() -> None:
    kept = {"CapacityReservationId": "cr-1", "InstanceType": "g5.xlarge", "TotalInstanceCount": 1}
    tags = [{"Key": "switchyard:release", "Value": "r-9"}]
    left = {**kept, "CapacityReservationId": "cr-9", "Tags": tags}
    with staging.empty(reservations=(kept, left)) as found:
        seen = inventory.read(found, "staging")
    assert "capacity reservation cr-9: 1 x g5.xlarge, left by release r-9" in losing.text(seen)
    calls = [call for step in steps(seen) if isinstance(step, CallAws) for call in step.calls]
    assert calls == [Call("ec2", "CancelCapacityReservation", {"CapacityReservationId": "cr-9"})]


def test_autoscaling_is_bound_before_the_count_so_that_it_starts_nothing_again() -> None:
    with staging.standing() as found:
        first = steps(inventory.read(found, "staging"))[0]
    assert isinstance(first, CallAws)
    assert [call.operation for call in first.calls] == ["RegisterScalableTarget", "UpdateService"]
    assert isinstance(first.calls[0], Call)
