"""What a stack needs, and what it costs, before it exists."""

from typing import TYPE_CHECKING

from scripts.command import Report, Run, command
from scripts.errors import Refused
from scripts.task_names import TaskName, command_line

if TYPE_CHECKING:
    from scripts.bootstrap.looking import Looked


@command(
    group="stack", help={"github": "accept GitHub's identities (default: where githubRepository is set)"}, changes=True
)
def bootstrap(run: Run, github: bool = False) -> Report:
    """Look at the account before the first `pulumi up`, and make what is missing."""
    from datetime import UTC, datetime

    from scripts.bootstrap import making, wanted, words
    from scripts.bootstrap.looking import look
    from scripts.environment import REHEARSAL, clients
    from scripts.roles import Role
    from scripts.tasks.report import calls_text

    if run.environment == REHEARSAL:
        raise Refused("the rehearsal makes its own account", command_line(TaskName.REHEARSAL_UP, REHEARSAL))
    reach = clients(run.environment, role=Role.OWNER)
    looked = look(reach, wanted.of(run.environment), github, datetime.now(UTC))
    _show(run, words.overview(looked))
    if looked.creations:
        _show(run, f"\n{words.makings(looked.creations)}\n")
        if run.dry_run:
            _show(run, calls_text(call for creation in looked.creations for call in creation.calls))
            return _ended(run, looked, made=False)
        run.console.confirm(words.question(looked), run.yes)
        making.make(reach, looked.creations, run.console, command_line(TaskName.STACK_BOOTSTRAP, run.environment))
    return _ended(run, looked, made=True)


def _show(run: Run, text: str) -> None:
    if not run.json:
        run.console.text(text)


def _ended(run: Run, looked: "Looked", made: bool) -> Report:
    """Raises where nothing was left to make and something still stands against the first `pulumi up`."""
    from scripts.bootstrap import words

    again = command_line(TaskName.STACK_BOOTSTRAP, run.environment)
    found = words.found_object(looked, made)
    _show(run, f"\n{words.following(looked)}\n")
    if looked.against and not (made and looked.creations):
        refused = Refused(words.unready(looked.against), again)
        refused.details = found
        raise refused
    if looked.against:
        return Report(message=f"made; {words.unready(looked.against)}", body=found, next_command=again)
    if not made:
        return Report(message="nothing was changed", body=found, next_command=again)
    return Report(message="the account is ready", body=found, next_command="pulumi up")
