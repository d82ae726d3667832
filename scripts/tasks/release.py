"""Bringing a release up, asking it, and taking it or the one before it away."""

from scripts.command import Report, Run, command
from scripts.errors import WrongUsage
from scripts.roles import Role
from scripts.task_names import TaskName, command_line
from scripts.tasks.choices import RELEASE_HELP, Side, overridden


@command(help=RELEASE_HELP, changes=True, role=Role.DEPLOYER)
def deploy_green(
    run: Run,
    api_image: str | None = None,
    vllm_image: str | None = None,
    model: str | None = None,
    profile: str | None = None,
    reason: str | None = None,
    despite: list[str] | None = None,
    because: str | None = None,
) -> Report:
    """Bring a release up on the idle colour, warm and checked, without traffic."""
    from scripts.environment import connect
    from scripts.release.commands import Consent
    from scripts.release.commands import deploy_green as deploy
    from scripts.release.model import change
    from scripts.tasks.report import foretold

    asked, override = change(api_image, vllm_image, model, profile), overridden(despite, because)
    if reason is None:
        raise WrongUsage("--reason is missing: the history should say why")
    site = connect(run.environment, run.console, role=run.role)
    if run.dry_run:
        return foretold(run, site, asked, reason, override)
    done = deploy(site, asked, reason, override, Consent(run.yes))
    idle = done.book.idle_colour
    return Report(
        message=f"{done.release} is ready on {idle}, without traffic",
        release=done.release,
        next_command=command_line(TaskName.SWITCHOVER, run.environment),
    )


@command(help={"colour": "live or idle (default: idle where there is a candidate)"}, role=Role.OPERATOR)
def smoke(run: Run, colour: Side | None = None) -> Report:
    """Ask a colour real questions through its preview rule."""
    from scripts.environment import connect
    from scripts.release.asking_one import ask

    asked = ask(connect(run.environment, run.console, role=run.role), colour is Side.LIVE if colour else None)
    return Report(message=f"{asked.release} on {asked.colour} answers on every address", release=asked.release)


@command(changes=True, role=Role.DEPLOYER)
def settle(run: Run) -> Report:
    """End the warm rollback: stop the old colour and free its hosts."""
    return conclude(run, TaskName.SETTLE, "nothing to settle: the idle colour is empty", "settled")


@command(changes=True, role=Role.DEPLOYER)
def abort(run: Run) -> Report:
    """Take a candidate away, or end what stopped half-way."""
    return conclude(run, TaskName.ABORT, "nothing to abort: no candidate, nothing unfinished", "aborted")


def conclude(run: Run, task: TaskName, nothing: str, verb: str) -> Report:
    """Run a plan, or print it with --dry-run."""
    from scripts.environment import connect
    from scripts.release.commands import Consent
    from scripts.release.commands import conclude as carry_out
    from scripts.tasks.report import planned

    site = connect(run.environment, run.console, role=run.role)
    done = carry_out(site, task, Consent(run.yes, run.dry_run))
    if done.plan is None:
        return Report(message=nothing)
    if run.dry_run:
        return planned(site.manifest, (done.plan,))
    message = f"{done.release or 'the environment'} {verb}"
    if not done.book.is_unsettled:
        return Report(message=message, release=done.release)
    return Report(
        message=f"{message}; the release before stays warm until it is settled",
        release=done.release,
        next_command=command_line(TaskName.SETTLE, run.environment),
    )
