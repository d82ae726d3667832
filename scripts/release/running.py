"""The runner: carries a plan out, writes each step into the ledger before and after, and takes it back on failure.

It decides nothing about releases. What it owns is the meaning of a stop: nothing changed (1), restored (2),
half-way (4).
"""

import secrets
from contextlib import suppress

from scripts.errors import HalfWay, Refused, Restored, Superseded, TakenBack, TaskError
from scripts.release import book as books
from scripts.release.book import Book, Operation
from scripts.release.ledger import Outcome, stamp
from scripts.release.performing import perform
from scripts.release.plans import Plan
from scripts.release.steps import Step
from scripts.release.work import Work
from scripts.task_names import TaskName, command_line


def run(plan: Plan, work: Work) -> None:
    """Raises Refused, Restored, HalfWay or Superseded; KeyboardInterrupt where nothing was changed yet."""
    if plan.release:
        work.site.voice.about(plan.release)
    before, operation = work.book, _operation(plan, work)
    try:
        work.keep(books.began(work.book, operation))
        _steps(plan.steps, operation, work, first=1)
    except Superseded:
        raise
    except TakenBack:
        _withdraw(before, work)
        raise
    except KeyboardInterrupt:
        if work.changed:
            raise _half_way(plan, work, "stopped by a signal") from None
        _withdraw(before, work)
        raise
    except Exception as error:
        if not work.changed:
            _withdraw(before, work)
            raise error if isinstance(error, Refused) else Refused(f"{error}; nothing was changed") from error
        _take_back(plan, operation, work, error)
    else:
        _conclude(plan, work)


def _operation(plan: Plan, work: Work) -> Operation:
    identifier = f"{plan.release or plan.command}-{secrets.token_hex(2)}"
    return Operation(identifier, plan.command, plan.release, work.site.cloud.identity, stamp(work.site.clock))


def _steps(steps: tuple[Step, ...], operation: Operation, work: Work, first: int) -> None:
    for number, step in enumerate(steps, first):
        work.keep(books.at_step(work.book, step.name))
        work.ledger.begin_step(operation.id, number, step.name, step.saying)
        result = "failed"
        try:
            with work.site.voice.step(step.name, step.saying):
                perform(step, work)
            result = "done"
        finally:
            with suppress(TaskError):
                work.ledger.end_step(operation.id, number, result)


def _take_back(plan: Plan, operation: Operation, work: Work, error: Exception) -> None:
    """Raises Restored or HalfWay."""
    if not plan.undo:
        raise _half_way(plan, work, str(error)) from error
    work.site.voice.warn(f"{error}; taking it back")
    try:
        _steps(plan.undo, operation, work, first=len(plan.steps) + 1)
    except Superseded:
        raise
    except (Exception, KeyboardInterrupt) as second:
        why = str(second) or "stopped by a signal"
        raise _half_way(plan, work, f"{error}; taking it back failed too: {why}") from second
    _end(work)
    raise Restored(f"{error}; {plan.after_undo}", _after_restore(plan, work)) from error


def _withdraw(before: Book, work: Work) -> None:
    """The book as it was, for a plan that changed nothing."""
    if work.book.idle != before.idle and work.book.idle is not None:
        work.ledger.mark(work.book.idle.placement.release, Outcome.FAILED, "refused before anything was changed")
    work.keep(before)


def _conclude(plan: Plan, work: Work) -> None:
    """All steps are done: what goes wrong from here on takes nothing back."""
    try:
        _end(work)
    except Superseded:
        raise
    except (TaskError, KeyboardInterrupt) as error:
        why = str(error) or "stopped by a signal"
        raise _half_way(plan, work, f"every step is done, but the ledger was not told: {why}") from error


def _end(work: Work) -> None:
    if work.book.operation is not None:
        work.keep(books.finished(work.book))


def _half_way(plan: Plan, work: Work, why: str) -> HalfWay:
    step = work.book.operation.step if work.book.operation else "the last step"
    return HalfWay(f"{plan.command} stopped half-way at `{step}`: {why}", _command(plan.carry_on, work))


def _after_restore(plan: Plan, work: Work) -> str:
    return _command(TaskName.STATUS if plan.command is TaskName.SWITCHOVER else TaskName.HISTORY, work)


def _command(task: TaskName, work: Work) -> str:
    return command_line(task, work.site.manifest.environment)
