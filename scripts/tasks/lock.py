"""The lock, for the day when its holder is gone."""

from scripts.command import Report, Run, command
from scripts.roles import Role
from scripts.task_names import TaskName, command_line


@command(group="lock", role=Role.OPERATOR)
def release(run: Run) -> Report:
    """Take the lock away from whoever holds it; they stop at their next write."""
    from scripts.environment import connect
    from scripts.release.control import Control

    site = connect(run.environment, run.console, role=run.role)
    control = Control(site.table)
    found = control.read()
    if found.lease is None:
        return Report(message="nobody holds the lock")
    site.voice.confirm(f"The lock is held: {found.lease}. Take it away?", run.yes)
    control.raise_fence(f"lock.release on {site.host}", hasty=False)
    unfinished = found.book.operation is not None
    return Report(
        message=f"the lock of {found.lease} is released",
        next_command=command_line(TaskName.STATUS, run.environment) if unfinished else None,
    )
