"""Every error that `scripts` raises. The class decides the exit code, the message says what failed and what to do.

Exit codes: 0 done, 1 nothing changed, 2 failed and restored, 3 inconclusive, 4 stopped half-way.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any


class ExitCode(IntEnum):
    """What the shell sees."""

    DONE = 0
    REFUSED = 1
    RESTORED = 2
    INCONCLUSIVE = 3
    HALF_WAY = 4


class Result(StrEnum):
    """The same in words, for `--json`."""

    DONE = "done"
    REFUSED = "refused"
    RESTORED = "restored"
    INCONCLUSIVE = "inconclusive"
    HALF_WAY = "half-way"

    @staticmethod
    def of(code: ExitCode) -> "Result":
        return list(Result)[code]


class TaskError(Exception):
    """Base. `next_command` is the line to type next, where there is one; `details` go into `--json` as well."""

    exit_code = ExitCode.REFUSED
    details: Mapping[str, Any] = {}

    def __init__(self, message: str, next_command: str | None = None) -> None:
        super().__init__(message)
        self.next_command = next_command


class Refused(TaskError):
    """Something stands against it; nothing was changed."""


class TakenBack(Refused):
    """Something stands against it; what had been begun was taken back before this was raised."""


class WrongUsage(Refused):
    """The command line makes no sense; usage is shown."""


class UsageAsked(TaskError):
    """`--help` arrived as a value; usage is shown and nothing is wrong."""

    exit_code = ExitCode.DONE


class Restored(TaskError):
    """A step failed and what it had changed was taken back."""

    exit_code = ExitCode.RESTORED


class HalfWay(TaskError):
    """Stopped between two known states."""

    exit_code = ExitCode.HALF_WAY


class Superseded(HalfWay):
    """Somebody else raised the fence: this command writes nothing more."""


class StepFailed(TaskError):
    """A step did not reach what it waited for; the runner decides what becomes of the plan."""


class AwsFailed(TaskError):
    """AWS refused a call. `code` is AWS's own error code."""

    def __init__(self, message: str, code: str = "", next_command: str | None = None) -> None:
        super().__init__(message, next_command)
        self.code = code


class Transient(AwsFailed):
    """AWS may have carried the call out or not: look before trying again."""


class ConditionFailed(AwsFailed):
    """A conditional ledger write found something else than expected."""
