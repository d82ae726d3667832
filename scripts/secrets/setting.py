"""Putting a value into a secret. Running tasks keep what they read when they started: rolling them is another command.

It may run while something is unfinished, because a wrong value may be why; it takes the lock, so that it cannot run
into a rotation.
"""

import uuid

from scripts.errors import HalfWay, Transient
from scripts.release.commands import locked
from scripts.release.ports import Site
from scripts.release.restart import running_colours
from scripts.release.restart_steps import WriteSecret
from scripts.release.work import Work
from scripts.secrets import keyring
from scripts.secrets.names import Kept, arn
from scripts.secrets.vault import Vault
from scripts.task_names import TaskName, command_line


def put(site: Site, vault: Vault, name: Kept, value: str, *, consented: bool) -> bool:
    """Answers whether API tasks run that still have the old value. `value` was checked before."""
    step = WriteSecret(str(name), arn(site.manifest, name), str(uuid.uuid4()), value)
    with locked(site, TaskName.SECRETS_SET, f"new {name}") as (work, state):
        if name is Kept.API_KEYS:
            _ask_over_lost_clients(site, vault.value(step.arn), value, consented)
        with site.voice.step(step.name, step.saying):
            _write(work, step)
        return bool(running_colours(state))


def _ask_over_lost_clients(site: Site, before: str | None, value: str, consented: bool) -> None:
    """The value replaces all keys at once: who is missing in it is locked out by the next restart."""
    lost = sorted(set(keyring.names(before)) - set(keyring.names(value)))
    if lost:
        site.voice.confirm(
            f"There is no key of {', '.join(lost)} in it: their requests will be refused (401) by every task that "
            "starts from now on. Go on?",
            consented,
        )


def _write(work: Work, step: WriteSecret) -> None:
    try:
        for call in step.calls(work.site.manifest):
            work.write(call)
    except (KeyboardInterrupt, Transient) as error:
        if not work.changed:
            raise
        raise HalfWay(
            f"{step.secret} may have been written or not ({str(error) or 'stopped by a signal'}): set it again",
            command_line(TaskName.SECRETS_SET, work.site.manifest.environment, step.secret),
        ) from None
