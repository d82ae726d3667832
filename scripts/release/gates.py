"""Which command may follow which state: each function raises Refused, or returns. Pure."""

from scripts.errors import Refused
from scripts.release.book import Book, Operation, Role
from scripts.release.model import Placement
from scripts.release.weights import Weights
from scripts.task_names import TaskName, command_line

# What ends an unfinished operation, the way out first. Rollback may always run: it takes the traffic back and ends
# a switch. A roll is ended by any other roll, and given up by abort.
_ROLLED = (TaskName.SECRETS_ROLL, TaskName.SECRETS_ROTATE, TaskName.ABORT)
_ENDS: dict[TaskName, tuple[TaskName, ...]] = {
    TaskName.DEPLOY_GREEN: (TaskName.ABORT,),
    TaskName.SWITCHOVER: (TaskName.ABORT,),
    TaskName.ABORT: (TaskName.ABORT,),
    TaskName.SETTLE: (TaskName.SETTLE,),
    TaskName.SECRETS_ROTATE: _ROLLED,
    TaskName.SECRETS_ROLL: _ROLLED,
}


def way_out(operation: Operation) -> TaskName:
    """The command that ends an unfinished operation."""
    return _ENDS[operation.command][0]


def is_roll(operation: Operation | None) -> bool:
    """Whether an operation only restarts tasks: it moves no traffic and belongs to no release."""
    return operation is not None and operation.command in (TaskName.SECRETS_ROTATE, TaskName.SECRETS_ROLL)


def nothing_unfinished(book: Book, environment: str, command: TaskName) -> None:
    operation = book.operation
    if operation is None or command in _ENDS[operation.command]:
        return
    of = f" of {operation.release}" if operation.release else ""
    raise Refused(
        f"{operation.command}{of} by {operation.who} (since {operation.since}) "
        f"stopped at `{operation.step}` and is unfinished",
        command_line(way_out(operation), environment),
    )


def may_deploy(book: Book, environment: str) -> None:
    nothing_unfinished(book, environment, TaskName.DEPLOY_GREEN)
    if book.idle is not None and book.idle.role in (Role.CANDIDATE, Role.STARTING):
        placement = book.idle.placement
        raise Refused(
            f"{placement.colour} holds candidate {placement.release}: switch to it, or abort it",
            command_line(TaskName.ABORT, environment),
        )


def candidate(book: Book, environment: str) -> Placement:
    """What a switchover goes to."""
    nothing_unfinished(book, environment, TaskName.SWITCHOVER)
    if book.idle is None or book.idle.role not in (Role.CANDIDATE, Role.ROLLED_BACK):
        live = f"{book.live.placement.release} is live and " if book.live else ""
        raise Refused(
            f"{live}there is no candidate to switch to: deploy one",
            command_line(TaskName.DEPLOY_GREEN, environment, "…"),
        )
    return book.idle.placement


def may_settle(book: Book, environment: str) -> None:
    nothing_unfinished(book, environment, TaskName.SETTLE)
    if book.idle is not None and book.idle.role is Role.CANDIDATE:
        placement = book.idle.placement
        raise Refused(
            f"{placement.colour} holds candidate {placement.release}, which was never live: abort removes it",
            command_line(TaskName.ABORT, environment),
        )


def has_no_traffic(book: Book, weights: Weights, environment: str) -> None:
    """The weights are the truth: a colour that somebody gave traffic by hand is not an old one."""
    colour = book.idle_colour
    if weights[colour]:
        raise Refused(
            f"{colour} has {weights.percent(colour)} % of the traffic, but {colour.other} is live: send it back first",
            command_line(TaskName.ROLLBACK, environment, "--to", str(colour.other)),
        )


def may_abort(book: Book, environment: str) -> None:
    nothing_unfinished(book, environment, TaskName.ABORT)
    if book.operation is None and book.idle is not None and book.idle.role is Role.PREVIOUS:
        placement = book.idle.placement
        raise Refused(
            f"{placement.colour} holds {placement.release}, the warm rollback target: settle removes it",
            command_line(TaskName.SETTLE, environment),
        )
