"""The names of tasks that other tasks point at. A message may only name a command that exists (a test holds it)."""

from enum import StrEnum


class TaskName(StrEnum):
    """Dotted names as `fab --list` prints them."""

    DEPLOY_GREEN = "deploy-green"
    SMOKE = "smoke"
    SWITCHOVER = "switchover"
    ROLLBACK = "rollback"
    SETTLE = "settle"
    ABORT = "abort"
    STATUS = "status"
    PLAN = "plan"
    HISTORY = "history"
    LOCK_RELEASE = "lock.release"
    SECRETS_SET = "secrets.set"
    SECRETS_STATUS = "secrets.status"
    SECRETS_ROTATE = "secrets.rotate"
    SECRETS_ROLL = "secrets.roll"
    KEYS_CREATE = "keys.create"
    KEYS_LIST = "keys.list"
    KEYS_REVOKE = "keys.revoke"
    BREAKER_STATUS = "breaker.status"
    BREAKER_RESET = "breaker.reset"
    FALLBACK_AUTO = "fallback.auto"
    CAPACITY_RESERVE = "capacity.reserve"
    CAPACITY_STATUS = "capacity.status"
    STACK_BOOTSTRAP = "stack.bootstrap"
    STACK_COST = "stack.cost"
    ENVIRONMENT_DESTROY = "environment.destroy"
    REHEARSAL_UP = "rehearsal.up"


def command_line(task: TaskName, environment: str, *arguments: str) -> str:
    """A line to paste. `rehearsal.up` makes its own environment and needs none."""
    place = () if task is TaskName.REHEARSAL_UP else ("--env", environment)
    return " ".join(("fab", str(task), *place, *arguments))
