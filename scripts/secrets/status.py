"""What `secrets.status` shows: whether a value is there, since when, who may read it, and what is half-way."""

import shlex
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scripts.errors import Refused
from scripts.release import gates
from scripts.release.book import Operation
from scripts.release.control import Control
from scripts.release.ports import Site
from scripts.secrets import keyring, readers
from scripts.secrets.freshness import Tasks, api_tasks
from scripts.secrets.names import Kept, Rotated, all_arns
from scripts.secrets.vault import Vault
from scripts.task_names import TaskName, command_line
from stacks.naming import Colour, Names

_DAY_SECONDS = 86400


@dataclass(frozen=True)
class Line:
    """One secret. `old_tasks` run with the value from before."""

    name: Kept
    since: datetime | None
    replaced: bool
    roles: tuple[str, ...]
    principals: tuple[str, ...]
    old_tasks: int

    @property
    def last_rotated(self) -> datetime | None:
        """The kit rotates by writing, which AWS does not count as a rotation: it is when a value replaced another."""
        return self.since if self.replaced else None


@dataclass(frozen=True)
class Status:
    """All of them at one moment.

    `moving` are clients with two valid keys, None where the keys cannot be read; `roll` is one that has not ended.
    """

    environment: str
    now: datetime
    lines: tuple[Line, ...]
    tasks: Tasks
    moving: tuple[str, ...] | None
    preview_tokens: int
    roll: Operation | None

    @property
    def body(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "secrets": [self._object(line) for line in self.lines],
            "moving_clients": None if self.moving is None else list(self.moving),
            "preview_tokens": self.preview_tokens,
            "unfinished_since": self.roll.since if self.roll else None,
            "next_commands": [command for _, command in self._notes() if command],
        }

    @property
    def text(self) -> str:
        rows: list[tuple[str, ...]] = [("", "value", "age", "last rotated", "may be read by")]
        rows += [self._row(line) for line in self.lines]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        notes = [f"{sentence}{': ' + command if command else ''}" for sentence, command in self._notes()]
        return "\n".join([*table, self._preview(), *notes])

    def _row(self, line: Line) -> tuple[str, ...]:
        who = ", ".join((*line.roles, *(f"{name} (by the secret's policy)" for name in line.principals))) or "nobody"
        if line.since is None:
            return (str(line.name), "missing", "-", "-", who)
        rotated = f"{line.last_rotated:%Y-%m-%d}" if line.last_rotated else "never"
        return (str(line.name), "present", _days(self._age_days(line)), rotated, who)

    def _object(self, line: Line) -> dict[str, Any]:
        return {
            "name": str(line.name),
            "present": line.since is not None,
            "since": line.since.isoformat() if line.since else None,
            "age_days": self._age_days(line),
            "last_rotated": line.last_rotated.isoformat() if line.last_rotated else None,
            "roles": list(line.roles),
            "principals": list(line.principals),
            "old_tasks": line.old_tasks,
        }

    def _age_days(self, line: Line) -> int | None:
        return int((self.now - line.since).total_seconds() // _DAY_SECONDS) if line.since else None

    def _preview(self) -> str:
        kinds = {0: "no token in the rules", 1: "one token in the rules"}
        found = kinds.get(self.preview_tokens, f"{self.preview_tokens} tokens in the rules, the old one still works")
        return f"{Rotated.PREVIEW_TOKEN}: {found}; whoever may describe the listener's rules can read it"

    def _notes(self) -> list[tuple[str, str]]:
        found = [(f"{line.name} has no value, no API task can start", self._set(line.name)) for line in self._missing()]
        if self.moving is None:
            found.append(("The value of api-keys is no set of keys, no API task can start", self._set(Kept.API_KEYS)))
        for client in self.moving or ():
            flags = (str(Kept.API_KEYS), "--client", shlex.quote(client), "--finish")
            sentence = f"{client} has two keys; once its old one is no longer used"
            found.append((sentence, command_line(TaskName.SECRETS_ROTATE, self.environment, *flags)))
        if self.roll:
            sentence = (
                f"{self.roll.command} of {self.roll.since} has not ended, it is at `{self.roll.step}`; where it was"
            )
            found.append((f"{sentence} stopped", command_line(TaskName.SECRETS_ROLL, self.environment)))
        old = [line for line in self.lines if line.old_tasks]
        for line in old:
            of = len(self.tasks.created)
            found.append((f"{line.old_tasks} of {of} API tasks started before {line.name} got its value", ""))
        if old:
            found.append(("They read it when they are rolled", command_line(TaskName.SECRETS_ROLL, self.environment)))
        return found

    def _missing(self) -> list[Line]:
        return [line for line in self.lines if line.since is None]

    def _set(self, name: Kept) -> str:
        return command_line(TaskName.SECRETS_SET, self.environment, str(name))


def status(site: Site, vault: Vault) -> Status:
    """One look. Reads the value of api-keys, for its names only."""
    manifest, tasks = site.manifest, api_tasks(site)
    operation = Control(site.table).read().book.operation
    prefix = Names(manifest.environment).role("")
    found = vault.role_policies(prefix)
    lines = []
    for name, arn in all_arns(manifest).items():
        versions = vault.versions(arn)
        may = tuple(role.removeprefix(prefix) for role in readers.roles(found, arn))
        others = tuple(readers.principals(vault.resource_policy(arn), arn))
        lines.append(Line(name, versions.since, versions.replaced, may, others, tasks.older_than(versions.since)))
    return Status(
        environment=manifest.environment,
        now=site.clock.now(),
        lines=tuple(lines),
        tasks=tasks,
        moving=_moving(vault.value(manifest.secrets.api_keys)),
        preview_tokens=vault.preview_tokens(manifest.door.preview_rule_arns[Colour.BLUE]),
        roll=operation if gates.is_roll(operation) else None,
    )


def _moving(value: str | None) -> tuple[str, ...] | None:
    try:
        return tuple(keyring.moving(keyring.parsed(value))) if value else ()
    except Refused:
        return None


def _days(count: int | None) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
