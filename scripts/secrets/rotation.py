"""Replacing a secret while requests go on: decide the new value, write it, roll the API tasks.

No state is kept but the secret itself and the ledger's unfinished operation, so a rerun finds out where the last run
stopped. What a rotation promises: a client's old key works until `finish`, its new key from the moment it is printed.
"""

import uuid
from dataclasses import dataclass, field

from scripts.errors import Refused
from scripts.release.control import Control
from scripts.release.plans import Plan
from scripts.release.ports import Site
from scripts.release.restart import Decide, roll
from scripts.release.restart_steps import WriteSecret
from scripts.secrets import keyring, values
from scripts.secrets.freshness import api_tasks
from scripts.secrets.names import Kept, all_arns, arn
from scripts.secrets.vault import Vault
from scripts.task_names import TaskName, command_line


@dataclass(frozen=True)
class Rotation:
    """How it ended. `plan` is None where nothing had to be done; `new_key` is for the client, and for nobody else."""

    plan: Plan | None
    new_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Rotator:
    """The rotations of one environment. With `dry_run` nothing is written and no lock is taken."""

    site: Site
    vault: Vault
    dry_run: bool = False

    def begin_client(self, client: str) -> Rotation:
        """Give a client a new key beside its old one. Run again it hands out the same key."""
        keys = self._keys()
        keyring.require_client(keys, client)
        if client in keyring.moving(keys) and self._is_settled():
            return Rotation(None, keys[client])
        plan = self._roll(f"new key of {client}", lambda: self._begun(client))
        return Rotation(plan, None if self.dry_run else self._keys()[client])

    def finish_client(self, client: str, *, consented: bool) -> Rotation:
        """Take the old key of a client away."""
        keys = self._keys()
        keyring.require_client(keys, client)
        if client not in keyring.moving(keys) and self._is_settled():
            return Rotation(None)
        if client in keyring.moving(keys) and not self.dry_run:
            self.site.voice.confirm(
                f"Requests with the old key of {client} will be refused (401). The gateway logs them as key "
                f"{keyring.previous_name(client)}: are there none any more?",
                consented,
            )
        return Rotation(self._roll(f"end of the old key of {client}", lambda: self._ended(client)))

    def renew(self, name: Kept, value: str) -> Rotation:
        """Put a new value there and bring it into every task."""
        return Rotation(self._roll(f"new {name}", lambda: self._write(name, value)))

    def roll(self) -> Rotation:
        """Bring the values that are there into every task. Raises Refused where no task could start with them."""
        return Rotation(roll(self.site, TaskName.SECRETS_ROLL, "", self._checked, dry_run=self.dry_run))

    def _checked(self) -> None:
        """Successors that cannot start harm nobody, but the wait for them is long and its end says little."""
        for name, found in all_arns(self.site.manifest).items():
            if self.vault.versions(found).since is None:
                raise self._unset(f"{name} has no value, no task could start", name)
        self._keys()

    def _begun(self, client: str) -> WriteSecret | None:
        keys = self._keys()
        keyring.require_client(keys, client)
        if client in keyring.moving(keys):
            return None
        return self._write(Kept.API_KEYS, keyring.text(keyring.begun(keys, client, values.fresh_key())))

    def _ended(self, client: str) -> WriteSecret | None:
        keys = self._keys()
        if client not in keyring.moving(keys):
            return None
        return self._write(Kept.API_KEYS, keyring.text(keyring.ended(keys, client)))

    def _roll(self, why: str, decide: Decide) -> Plan:
        return roll(self.site, TaskName.SECRETS_ROTATE, why, decide, dry_run=self.dry_run)

    def _write(self, name: Kept, value: str) -> WriteSecret:
        return WriteSecret(str(name), arn(self.site.manifest, name), str(uuid.uuid4()), value)

    def _is_settled(self) -> bool:
        """Whether every task read what is there now, and no run stopped half-way."""
        since = self.vault.versions(arn(self.site.manifest, Kept.API_KEYS)).since
        return Control(self.site.table).read().book.operation is None and not api_tasks(self.site).older_than(since)

    def _keys(self) -> dict[str, str]:
        value = self.vault.value(arn(self.site.manifest, Kept.API_KEYS))
        if value is None:
            raise self._unset("api-keys has no value", Kept.API_KEYS)
        try:
            return keyring.parsed(value)
        except Refused as error:
            raise self._unset(f"the value that is there is no set of keys: {error}", Kept.API_KEYS) from None

    def _unset(self, why: str, name: Kept) -> Refused:
        return Refused(why, command_line(TaskName.SECRETS_SET, self.site.manifest.environment, str(name)))
