"""Moving traffic, there and back."""

from scripts.command import Report, Run, command
from scripts.roles import Role
from scripts.task_names import TaskName
from scripts.tasks.release import conclude
from stacks.naming import Colour


@command(changes=True, role=Role.DEPLOYER)
def switchover(run: Run) -> Report:
    """Give the candidate all the traffic, and prove that it arrived."""
    return conclude(run, TaskName.SWITCHOVER, "nothing to switch to", "is live")


@command(
    help={
        "to": "blue or green: needs no ledger (default: the release live before)",
        "force": "go without healthy tasks",
    },
    changes=True,
    role=Role.DEPLOYER,
)
def rollback(run: Run, to: Colour | None = None, force: bool = False) -> Report:
    """Send the traffic back, at once and whoever holds the lock."""
    from scripts.environment import connect
    from scripts.release.rollback import rollback as roll_back
    from scripts.release.rollback_target import Asked
    from scripts.tasks.report import calls_text

    site = connect(run.environment, run.console, in_haste=True, role=run.role)
    done = roll_back(site, Asked(to, force, run.dry_run))
    release = done.target.release
    if done.step is None:
        return Report(message=done.target.already, release=release)
    if run.dry_run:
        return Report(text=calls_text(done.step.calls(site.manifest)), release=release)
    return Report(message=f"{release or 'the traffic'} is on {done.target.colour} again", release=release)
