"""What the ledger knows about the two API colours, and how each event changes it. Pure.

At most one release is live. The other colour is empty or has one occupant, and its role says what may be done
with it. vLLM colours follow from the placements: whatever neither names is unused and must be at zero.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from scripts.release.model import Placement
from scripts.task_names import TaskName
from stacks.naming import Colour


class Role(StrEnum):
    """Why a release is on the idle colour."""

    STARTING = "starting"
    CANDIDATE = "candidate"
    PREVIOUS = "previous"
    ROLLED_BACK = "rolled-back"


class By(StrEnum):
    """How the live release got its traffic."""

    SWITCHOVER = "switchover"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Live:
    """The release of the last completed switch. `before` is the release that was live before it."""

    placement: Placement
    since: str
    by: By
    before: str | None


@dataclass(frozen=True)
class Occupant:
    """What is on the idle colour, since when."""

    placement: Placement
    role: Role
    since: str


@dataclass(frozen=True)
class Operation:
    """A command between its first and its last step."""

    id: str
    command: TaskName
    release: str | None
    who: str
    since: str
    step: str = ""


@dataclass(frozen=True)
class Book:
    """Both API colours and the unfinished operation, if there is one."""

    live: Live | None = None
    idle: Occupant | None = None
    operation: Operation | None = None

    @property
    def idle_colour(self) -> Colour:
        """Where the next release goes. A first release goes to green: the rule starts with blue at 1."""
        return self.live.placement.colour.other if self.live else Colour.GREEN

    @property
    def home_colour(self) -> Colour:
        """Where traffic belongs while no switch is under way."""
        return self.idle_colour.other

    @property
    def called(self) -> frozenset[Colour]:
        """vLLM colours that some API colour calls."""
        placements = [self.live.placement if self.live else None, self.idle.placement if self.idle else None]
        return frozenset(p.model_colour for p in placements if p)

    @property
    def is_unsettled(self) -> bool:
        return self.idle is not None and self.idle.role is Role.PREVIOUS


def began(book: Book, operation: Operation) -> Book:
    return replace(book, operation=operation)


def at_step(book: Book, step: str) -> Book:
    return replace(book, operation=replace(book.operation, step=step) if book.operation else None)


def finished(book: Book) -> Book:
    return replace(book, operation=None)


def starting(book: Book, placement: Placement, at: str) -> Book:
    return replace(book, idle=Occupant(placement, Role.STARTING, at))


def ready(book: Book, at: str) -> Book:
    return replace(book, idle=replace(_occupant(book), role=Role.CANDIDATE, since=at), operation=None)


def emptied(book: Book) -> Book:
    return replace(book, idle=None)


def switched(book: Book, at: str) -> Book:
    """The candidate is live, the release before it stays warm as the rollback target."""
    before = book.live.placement if book.live else None
    live = Live(_occupant(book).placement, at, By.SWITCHOVER, before.release if before else None)
    return replace(book, live=live, idle=Occupant(before, Role.PREVIOUS, at) if before else None, operation=None)


def rolled_back(book: Book, at: str) -> Book:
    """The occupant is live again, what was live stays warm; nothing stands behind the new live release."""
    target = _occupant(book).placement
    left = Occupant(book.live.placement, Role.ROLLED_BACK, at) if book.live else None
    return replace(book, live=Live(target, at, By.ROLLBACK, None), idle=left, operation=None)


def switch_undone(book: Book, at: str) -> Book:
    """An unfinished switch was taken back: the candidate stays warm."""
    return replace(book, idle=replace(_occupant(book), role=Role.ROLLED_BACK, since=at), operation=None)


def to_json(book: Book) -> str:
    return json.dumps(asdict(book), sort_keys=True)


def from_json(text: str) -> Book:
    data = json.loads(text)
    return Book(_live(data["live"]), _idle(data["idle"]), _operation(data["operation"]))


def _occupant(book: Book) -> Occupant:
    if book.idle is None:
        raise ValueError(f"the idle colour is empty: {book}")
    return book.idle


def _placement(data: Mapping[str, Any]) -> Placement:
    return Placement(data["release"], Colour(data["colour"]), Colour(data["model_colour"]))


def _live(data: Mapping[str, Any] | None) -> Live | None:
    return Live(_placement(data["placement"]), data["since"], By(data["by"]), data["before"]) if data else None


def _idle(data: Mapping[str, Any] | None) -> Occupant | None:
    return Occupant(_placement(data["placement"]), Role(data["role"]), data["since"]) if data else None


def _operation(data: Mapping[str, Any] | None) -> Operation | None:
    return Operation(**{**data, "command": TaskName(data["command"])}) if data else None
