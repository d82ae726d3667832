"""The one place where `environment.destroy` changes something: takes the lock, then step by step.

The lock keeps releases away. It has no heartbeat: whoever insists may take it over, and finds services without tasks.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scripts.aws import account, buckets, holdings, services
from scripts.aws.calls import execute
from scripts.aws.clients import Clients
from scripts.aws.table import DynamoTable
from scripts.console import Console
from scripts.destroy.inventory import Inventory, bucket_contents
from scripts.destroy.steps import AwaitStopped, CallAws, DestroyStack, EmptyBucket, EmptyRepository, RunPulumi, Step
from scripts.errors import ConditionFailed, HalfWay, Refused, StepFailed, TaskError
from scripts.release.control import Control, Lease, State
from scripts.release.ports import Clock
from scripts.task_names import TaskName, command_line
from stacks.naming import ledger_table

# The longest that settings allow: an hour of deregistration, then two minutes from SIGTERM to SIGKILL.
_STOP_LIMIT_SECONDS = 3600 + 120
_POLL_SECONDS = 5
_STOPPED = "STOPPED"
_SAY_SECONDS = 60


@dataclass(frozen=True)
class Hands:
    """With what steps are carried out. `pulumi` runs a command line and answers its exit status."""

    clients: Clients
    clock: Clock
    console: Console
    pulumi: Callable[[Sequence[str]], int]
    host: str


def carry_out(found: Inventory, steps: Iterable[Step], hands: Hands) -> None:
    """Raises Refused where somebody took the lock meanwhile, HalfWay for every stop after that."""
    again = command_line(TaskName.ENVIRONMENT_DESTROY, found.environment)
    _take_lock(found, hands)
    try:
        for step in steps:
            with hands.console.step(step.name, step.saying):
                _carry_out(found, step, hands)
    except KeyboardInterrupt:
        raise HalfWay("stopped; the next run goes on from there", again) from None
    except TaskError as error:
        raise HalfWay(f"{error}; the next run goes on from there", again) from error


def _take_lock(found: Inventory, hands: Hands) -> None:
    if found.control is None:
        return
    control = Control(DynamoTable(hands.clients, ledger_table(found.environment)))
    who, since = account.identity(hands.clients), f"{hands.clock.now():%Y-%m-%d %H:%M:%S} UTC"
    lease = Lease(who, hands.host, str(TaskName.ENVIRONMENT_DESTROY), "taking the environment down", since)
    try:
        control.take(lease, found.control)
    except ConditionFailed:
        raise Refused(f"somebody took the lock just now: {_holder(control.read())}") from None


def _holder(seen: State) -> str:
    return str(seen.lease) if seen.lease else "and let it go again; look once more"


def _carry_out(found: Inventory, step: Step, hands: Hands) -> None:
    match step:
        case CallAws():
            for call in step.calls:
                execute(hands.clients, call)
        case AwaitStopped():
            _await_stopped(step, hands)
        case EmptyBucket():
            _empty(step.bucket, hands)
        case EmptyRepository():
            holdings.empty_repository(hands.clients, step.repository)
        case DestroyStack():
            _destroy(found, step, hands)
        case RunPulumi():
            _run(step.argv, hands)


def _await_stopped(step: AwaitStopped, hands: Hands) -> None:
    began = said = hands.clock.monotonic()
    while running := _tasks(step, hands.clients):
        now = hands.clock.monotonic()
        if now - began > _STOP_LIMIT_SECONDS:
            raise StepFailed(f"{running} tasks of {step.cluster} still run after {_STOP_LIMIT_SECONDS} s")
        if now - said >= _SAY_SECONDS:
            hands.console.say(f"{running} tasks still finish their requests")
            said = now
        hands.clock.sleep(_POLL_SECONDS)


def _tasks(step: AwaitStopped, clients: Clients) -> int:
    """Those that run, and those that ECS wants to stop and which have not ended."""
    both = [services.tasks(clients, step.cluster, name, stopped) for name in step.services for stopped in (False, True)]
    return sum(task.status != _STOPPED for tasks in both for task in tasks)


def _empty(bucket: str, hands: Hands) -> None:
    hands.console.say(f"{buckets.empty(hands.clients, bucket)} versions deleted")


def _destroy(found: Inventory, step: DestroyStack, hands: Hands) -> None:
    if hands.pulumi(step.argv) == 0:
        return
    late = [one.name for one in bucket_contents(hands.clients, found.environment, found.account) if one.versions]
    if not late:
        raise StepFailed(f"`{' '.join(step.argv)}` failed: what it printed above says why")
    hands.console.say(f"logs arrived meanwhile in {', '.join(late)}: emptying, and once more")
    for bucket in late:
        _empty(bucket, hands)
    _run(step.argv, hands)


def _run(argv: Sequence[str], hands: Hands) -> None:
    if status := hands.pulumi(argv):
        raise StepFailed(f"`{' '.join(argv)}` ended with {status}: what it printed above says why")
