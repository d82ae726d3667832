"""Making and revoking keys: looks first, writes one item, looks again."""

import shlex
from dataclasses import dataclass, field

from scripts.errors import ConditionFailed, HalfWay, Refused, TakenBack, Transient
from scripts.keys import client_key
from scripts.keys.client_key import ClientKey, Limits
from scripts.release.ledger import stamp
from scripts.release.ports import Clock
from scripts.shared_items import Shared
from scripts.task_names import TaskName, command_line

# The gateway's tasks look every five seconds; the second number is the promise of the reference, with room for retries.
WORKS_WITHIN_SECONDS, DIES_WITHIN_SECONDS = 10, 30


@dataclass(frozen=True)
class Made:
    """`key` is for the client and for nobody else; it is kept nowhere."""

    record: ClientKey
    key: str = field(repr=False)


@dataclass(frozen=True)
class Keeper:
    """The keys of one environment. `static`: names that the secret api-keys has. `who` is written beside a change."""

    environment: str
    table: Shared
    clock: Clock
    who: str
    static: frozenset[str] = frozenset()

    def known(self) -> list[ClientKey]:
        return client_key.all_of(self.table.query(client_key.PARTITION))

    def prepare(self, name: str, limits: Limits) -> Made:
        """A key that could be made now. Raises Refused where the name is taken."""
        if name in self.static:
            raise Refused(
                f"{name} has a key in the secret api-keys already: choose another name, or replace that key",
                command_line(TaskName.SECRETS_ROTATE, self.environment, "api-keys", "--client", shlex.quote(name)),
            )
        for found in self._valid(name):
            raise Refused(
                f"{name} has a valid key since {found.created_at} (by {found.created_by}): revoke it first, or choose "
                "another name",
                command_line(TaskName.KEYS_REVOKE, self.environment, name),
            )
        key = client_key.fresh()
        return Made(ClientKey(name, client_key.digest(key), stamp(self.clock), self.who, limits), key)

    def create(self, made: Made) -> None:
        """Write it. Raises TakenBack where somebody made one of the same name meanwhile, HalfWay where it may be there
        and its caller will not learn it."""
        try:
            self.table.write(client_key.creation(made.record))
            is_alone = len(self._valid(made.record.name)) == 1
        except (KeyboardInterrupt, Transient) as error:
            raise self._unseen(made.record.name, str(error) or "stopped by a signal") from None
        if not is_alone:
            self.end(made.record)
            raise TakenBack(
                f"somebody made a key of {made.record.name} in the same moment: this one was revoked and is not shown",
                command_line(TaskName.KEYS_LIST, self.environment),
            )

    def find(self, name: str) -> tuple[ClientKey, ...]:
        """The valid keys of a name: none where they were revoked. Raises Refused for a name that never had one."""
        found = [key for key in self.known() if key.name == name]
        if not found and name in self.static:
            raise Refused(
                f"the key of {name} is in the secret api-keys, where a set without it ends it",
                command_line(TaskName.SECRETS_SET, self.environment, "api-keys"),
            )
        if not found:
            raise Refused(f"there is no key {name!r}", command_line(TaskName.KEYS_LIST, self.environment))
        return tuple(key for key in found if key.is_valid)

    def end(self, key: ClientKey) -> None:
        """Revoke one. Twice does no harm."""
        try:
            self.table.write(client_key.revocation(key, stamp(self.clock), self.who))
        except ConditionFailed:
            return

    def _unseen(self, name: str, why: str) -> HalfWay:
        return HalfWay(
            f"a key of {name} may have been made, and nobody has seen it ({why}): revoke it, then make another",
            command_line(TaskName.KEYS_REVOKE, self.environment, name),
        )

    def _valid(self, name: str) -> list[ClientKey]:
        return [key for key in self.known() if key.name == name and key.is_valid]
