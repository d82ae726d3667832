"""The secrets' tasks. A value is never an argument; the one that is printed is a client's new key, on stdout."""

import shlex
from typing import TYPE_CHECKING

from scripts.command import Report, Run, command
from scripts.errors import Refused, WrongUsage
from scripts.roles import Role
from scripts.secrets.names import Kept, Rotated, arn
from scripts.task_names import TaskName, command_line

if TYPE_CHECKING:
    from scripts.aws.secrets import AwsVault
    from scripts.release.plans import Plan
    from scripts.release.ports import Site
    from scripts.secrets.rotation import Rotator


@command(
    group="secrets",
    help={"name": f"{', '.join(Kept)}; the value comes from a prompt or standard input"},
    role=Role.OPERATOR,
)
def set(run: Run, name: Kept) -> Report:
    """Put a value into a secret, from a hidden prompt or standard input."""
    from scripts.secrets.entry import entered
    from scripts.secrets.setting import put

    site, vault = _place(run)
    arn(site.manifest, name)
    tasks_run = put(site, vault, name, entered(name), consented=run.yes)
    if not tasks_run:
        return Report(message=f"{name} is set; no API task runs, the first one will read it")
    return Report(
        message=f"{name} is set; running tasks keep the old value until they are rolled",
        next_command=command_line(TaskName.SECRETS_ROLL, run.environment),
    )


@command(group="secrets", role=Role.OPERATOR)
def status(run: Run) -> Report:
    """Show which secrets are there, how old they are, who may read them, and what is half-way."""
    from scripts.secrets.status import status as look

    found = look(*_place(run))
    return Report(text=found.text, body=found.body)


@command(
    group="secrets",
    help={
        "name": f"{', '.join(Rotated)}; the last needs the owner's credentials, for Pulumi's state",
        "client": "whose key (api-keys only)",
        "finish": "take the old one away (api-keys and preview-token)",
    },
    changes=True,
    role=Role.OPERATOR,
)
def rotate(run: Run, name: Rotated, client: str | None = None, finish: bool = False) -> Report:
    """Replace a secret while requests go on."""
    if (client is None) is (name is Rotated.API_KEYS):
        raise WrongUsage("--client NAME belongs to api-keys, and api-keys needs it")
    if finish and name not in (Rotated.API_KEYS, Rotated.PREVIEW_TOKEN):
        raise WrongUsage(f"--finish: {name} is replaced in one go, there is nothing to finish")
    if name is Rotated.PREVIEW_TOKEN:
        return _preview_token(run, finish)
    if client is None:
        return _renewed(run, Kept(name))
    return _finished(run, client) if finish else _begun(run, client)


@command(group="secrets", changes=True, role=Role.OPERATOR)
def roll(run: Run) -> Report:
    """Restart the API tasks, each after its successor serves, so that they read the present values."""
    rotator = _rotator(run)
    plan = rotator.roll().plan
    if run.dry_run:
        return _planned(rotator.site, plan)
    return Report(message="every API task has the present values" if plan and plan.steps else "no API task runs")


def _begun(run: Run, client: str) -> Report:
    rotator = _rotator(run)
    done = rotator.begin_client(client)
    if run.dry_run:
        return _planned(rotator.site, done.plan)
    beside = "the old one works beside it until it is finished"
    flags = (Kept.API_KEYS, "--client", shlex.quote(client), "--finish")
    finish = command_line(TaskName.SECRETS_ROTATE, run.environment, *flags)
    return Report(
        message=f"{client} has a new key, on stdout; {beside}"
        if done.plan
        else f"already so: {client} has it; {beside}",
        text=done.new_key,
        more={"client": client, "key": done.new_key},
        next_command=finish,
    )


def _finished(run: Run, client: str) -> Report:
    rotator = _rotator(run)
    done = rotator.finish_client(client, consented=run.yes)
    if run.dry_run:
        return _planned(rotator.site, done.plan)
    return Report(message=f"only the new key of {client} works" if done.plan else f"already so: {client} has one key")


def _renewed(run: Run, name: Kept) -> Report:
    """The value is asked for last: nobody should type a key into a command that refuses."""
    from scripts.secrets.entry import entered
    from scripts.secrets.values import fresh_key

    rotator = _rotator(run)
    arn(rotator.site.manifest, name)
    if run.dry_run:
        return _planned(rotator.site, rotator.renew(name, "").plan)
    rotator.renew(name, entered(name) if name is Kept.OPENAI_KEY else fresh_key())
    advice = "; the old one may be revoked at OpenAI now" if name is Kept.OPENAI_KEY else ""
    return Report(message=f"every API task has the new {name}{advice}")


def _preview_token(run: Run, finish: bool) -> Report:
    from scripts.environment import REHEARSAL
    from scripts.secrets import preview_token as tokens

    if run.environment == REHEARSAL:
        raise Refused("a rehearsal has no Pulumi stack: its preview token is made anew by each `fab rehearsal.up`")
    lines = tokens.finish_lines(run.environment) if finish else tokens.begin_lines(run.environment)
    if run.dry_run:
        return Report(text="\n".join(lines), body={"environment": run.environment, "plan": lines})
    pulumi, up = tokens.pulumi_command(), tokens.up_line(run.environment)
    if finish:
        asked = tokens.finish(run.environment, pulumi, lambda question: run.console.confirm(question, run.yes))
        gone = "the old token is forgotten; the rules take it until Pulumi has run"
        return Report(message=gone if asked else "already so: there is one token", next_command=up if asked else None)
    fresh = tokens.begin(run.environment, pulumi)
    end = command_line(TaskName.SECRETS_ROTATE, run.environment, Rotated.PREVIEW_TOKEN, "--finish")
    what = "there is a new token beside the old one" if fresh else "already so: there are two tokens"
    return Report(message=f"{what}; bring both into the rules, then end it with `{end}`", next_command=up)


def _rotator(run: Run) -> "Rotator":
    from scripts.secrets.rotation import Rotator

    return Rotator(*_place(run), dry_run=run.dry_run)


def _place(run: Run) -> "tuple[Site, AwsVault]":
    from scripts.aws.secrets import AwsVault
    from scripts.environment import account, connect

    site = connect(run.environment, run.console, role=run.role)
    return site, AwsVault(account(run.environment, run.console, role=run.role).clients)


def _planned(site: "Site", plan: "Plan | None") -> Report:
    from scripts.tasks.report import planned

    return planned(site.manifest, (plan,)) if plan else Report(text="nothing to do: it is already so")
