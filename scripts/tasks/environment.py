"""Taking an environment down."""

from typing import TYPE_CHECKING

from scripts.command import Report, Run, command
from scripts.errors import Refused, WrongUsage
from scripts.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scripts.aws.clients import Clients
    from scripts.destroy.carrying_out import Hands
    from scripts.destroy.inventory import Inventory
    from scripts.destroy.steps import Step


@command(
    group="environment",
    help={"confirm": "the environment's name once more, where nobody can type it"},
    changes=True,
    role=Role.OWNER,
)
def destroy(run: Run, confirm: str | None = None) -> Report:
    """Take a whole environment down, with everything that it keeps."""
    from scripts.destroy import inventory, losing, pulumi_command, refusing
    from scripts.destroy.carrying_out import carry_out
    from scripts.destroy.steps import steps
    from scripts.environment import REHEARSAL, clients

    name = run.environment
    if name == REHEARSAL:
        raise Refused("a rehearsal is ended, not destroyed", "fab rehearsal.down")
    if confirm not in (None, name):
        raise WrongUsage(f"--confirm {confirm}: expected {name}, the environment that is to be destroyed")
    reach = clients(run.environment, role=run.role)
    found = inventory.read(reach, name)
    refusing.refuse(found)
    planned = steps(found)
    if not run.json:
        run.console.text(losing.text(found))
    if run.dry_run:
        return _foretold(found, planned)
    pulumi_command.require(name)
    run.console.confirm(f"Destroy {name}?", run.yes)
    run.console.confirm_by_typing("This cannot be undone.", name, confirm)
    carry_out(found, planned, _hands(run, reach))
    return Report(
        message=f"{name} is gone", body=losing.body(found), next_command=f"pulumi stack rm {name} --preserve-config"
    )


def _foretold(found: "Inventory", planned: "Iterable[Step]") -> Report:
    from scripts.destroy import losing
    from scripts.destroy.steps import CallAws, described
    from scripts.tasks.report import calls_text

    lines = ["", "Steps:"]
    for step in planned:
        lines += [f"{step.saying}", calls_text(step.calls) if isinstance(step, CallAws) else f"  {described(step)}"]
    body = {**losing.body(found), "steps": [step.name for step in planned]}
    return Report(message="nothing was changed", text="\n".join(lines), body=body)


def _hands(run: Run, reach: "Clients") -> "Hands":
    import os
    import socket

    from scripts.destroy import pulumi_command
    from scripts.destroy.carrying_out import Hands
    from scripts.release.clock import SystemClock

    return Hands(reach, SystemClock(), run.console, pulumi_command.run, f"{socket.gethostname()}:{os.getpid()}")
