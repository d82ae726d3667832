"""What stands against taking an environment down. Pure."""

from scripts.destroy.inventory import Inventory
from scripts.errors import Refused
from scripts.task_names import TaskName, command_line


def refuse(found: Inventory) -> None:
    """Raises Refused. A lock that an earlier `environment.destroy` left is its own: the next one goes on."""
    if found.control is None:
        return
    operation, lease = found.control.book.operation, found.control.lease
    if operation is not None:
        raise Refused(
            f"{operation.command} of {operation.who} since {operation.since} is unfinished: end it first",
            command_line(TaskName.ABORT, found.environment),
        )
    if lease is not None and lease.command != TaskName.ENVIRONMENT_DESTROY:
        raise Refused(
            f"the lock is held: {lease}; wait for it, or take it away if nobody is there",
            command_line(TaskName.LOCK_RELEASE, found.environment),
        )
