"""Where a rollback goes: the release that was live before, as the ledger tells it, or the colour that was named.

The target is a release and not "the other colour", so that a second rollback changes nothing.
"""

from dataclasses import dataclass

from scripts.errors import Refused
from scripts.release import book as books
from scripts.release.book import Book, By, Role
from scripts.release.ledger import Entry
from scripts.release.model import Content
from scripts.release.steps import Reserve
from scripts.release.traffic_steps import Hold, MoveTraffic, VerifyTraffic
from scripts.task_names import TaskName, command_line
from stacks.naming import Colour

_CLEARING = frozenset({TaskName.SETTLE, TaskName.ABORT, TaskName.DEPLOY_GREEN})
# What a clearing command does before it touches the old colour. Any other step counts as stopping: better one
# refusal too many than traffic on a colour that goes.
_BEFORE_STOPPING = frozenset({"", Reserve.verb, MoveTraffic.verb, VerifyTraffic.verb, Hold.verb})


@dataclass(frozen=True)
class Asked:
    """What the operator asks: the release before (`to` is None), or a colour; `force` overrides the health check."""

    to: Colour | None = None
    force: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Target:
    """`already` is set where there is nothing to write, and says so."""

    colour: Colour
    release: str | None
    already: str = ""


class Settled(Exception):
    """The release live before runs no more: the caller looks up how to bring it back."""

    def __init__(self, release: str) -> None:
        super().__init__(release)
        self.release = release


def decide(book: Book | None, asked: Asked, environment: str) -> Target:
    """`book` is None where the ledger does not answer. Raises Refused or Settled."""
    if asked.to is not None:
        return Target(asked.to, release_on(book, asked.to))
    if book is None:
        raise Refused(
            f"the ledger does not answer, so which release was live before is unknown: say {' or '.join(Colour)}",
            command_line(TaskName.ROLLBACK, environment, "--to", "COLOUR"),
        )
    return _before(book)


def cold_path(before: str, entry: Entry | None, environment: str) -> Refused:
    """A sentence with the time that it takes, and the line that does it."""
    took = f"took {entry.seconds} s last time" if entry and entry.seconds else "takes minutes"
    return Refused(
        f"{before}, the release live before, is settled: nothing of it runs. The cold path deploys it again, which "
        f"{took}, and then switches over",
        _deploy_again(environment, entry.release.content) if entry else None,
    )


def _before(book: Book) -> Target:
    if book.live is None:
        raise Refused("no release is live yet: there is nothing to go back to")
    live = book.live.placement
    if book.operation is not None and book.operation.command is TaskName.SWITCHOVER:
        return Target(live.colour, live.release)
    if book.idle is not None and book.idle.role is Role.PREVIOUS:
        return Target(book.idle.placement.colour, book.idle.placement.release)
    if book.live.by is By.ROLLBACK:
        return Target(
            live.colour, live.release, f"already so: {live.release} is live by the rollback of {book.live.since}"
        )
    if book.live.before is None:
        raise Refused(f"{live.release} is the first release: nothing was live before it")
    raise Settled(book.live.before)


def is_being_cleared(book: Book, colour: Colour) -> bool:
    """An unfinished command takes the colour's release away, or will; in deploy-green STARTING is its own release."""
    operation, idle = book.operation, book.idle
    if operation is None or idle is None or idle.placement.colour is not colour:
        return False
    starts = operation.command is TaskName.DEPLOY_GREEN and idle.role is Role.STARTING
    return operation.command in _CLEARING and not starts


def is_being_stopped(book: Book, colour: Colour) -> bool:
    """The ledger's word, which is never stale: the step is kept before it acts."""
    stops = book.operation is not None and book.operation.step not in _BEFORE_STOPPING
    return stops and is_being_cleared(book, colour)


def book_after(book: Book, colour: Colour, at: str) -> Book | None:
    """The book after traffic went to a colour; None where it says so already."""
    unfinished = book.operation is not None and book.operation.command is TaskName.SWITCHOVER
    if book.live is not None and book.live.placement.colour is colour:
        return books.switch_undone(book, at) if unfinished and book.idle else None
    if book.idle is not None and book.idle.placement.colour is colour:
        return books.rolled_back(book, at)
    return None


def release_on(book: Book | None, colour: Colour) -> str | None:
    placements = [entry.placement for entry in (book.live, book.idle) if entry] if book else []
    return next((placement.release for placement in placements if placement.colour is colour), None)


def _deploy_again(environment: str, content: Content) -> str:
    return command_line(
        TaskName.DEPLOY_GREEN,
        environment,
        f"--api-image {content.api_image}",
        f"--vllm-image {content.vllm_image}",
        f"--model {content.model}@{content.revision}",
        f"--profile {content.profile}",
        '--reason "back to what was live before"',
    )
