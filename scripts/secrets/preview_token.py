"""Replacing the preview token, a setting of Pulumi's: both preview rules take the old and the new one for a while.

Tasks read the token from the rule, so nothing else changes and no AWS is called here; `pulumi up` brings it there.
Values go to `pulumi` on its standard input and come from its standard output. It runs with the owner's credentials,
while the other secrets are the operator's.
"""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import stacks
from scripts.errors import HalfWay, Refused
from scripts.secrets.values import fresh_token
from scripts.task_names import TaskName, command_line

TOKEN, PREVIOUS = "previewToken", "previousPreviewToken"
# No role of the program's may use them: `stack.bootstrap` makes both for the owner (stacks/policies/ names neither).
_OWNERS = "Pulumi's state and its key are open to the account's owner, not to the operator"
_ROOT = Path(stacks.__file__).parents[1]

Pulumi = Callable[[Sequence[str], str | None], str | None]


def pulumi_command() -> Pulumi | None:
    """The command in this repository: arguments and standard input to its output, None where it failed.

    What it says on failure is not passed on: it may quote the value.
    """
    found = shutil.which("pulumi")
    if found is None:
        return None

    def run(arguments: Sequence[str], given: str | None) -> str | None:
        ended = subprocess.run([found, *arguments], cwd=_ROOT, input=given or "", capture_output=True, text=True)
        return ended.stdout.removesuffix("\n") if ended.returncode == 0 else None

    return run


def begin(environment: str, pulumi: Pulumi | None) -> bool:
    """Keep the present token beside a fresh one. Answers False where that is so already. Raises Refused, HalfWay."""
    stack = _Stack(environment, _required(environment, pulumi, begin_lines(environment)))
    present, previous = stack.present_token(), stack.get(PREVIOUS)
    if previous and previous != present:
        return False
    if not previous and not stack.set(PREVIOUS, present):
        raise Refused(f"`{stack.line('config set', PREVIOUS)}` failed; nothing was changed")
    if not stack.set(TOKEN, fresh_token()):
        rerun = command_line(TaskName.SECRETS_ROTATE, environment, "preview-token")
        raise HalfWay(
            f"`{stack.line('config set', TOKEN)}` failed: the old token is kept twice, nothing is lost", rerun
        )
    return True


def finish(environment: str, pulumi: Pulumi | None, confirm: Callable[[str], None]) -> bool:
    """Forget the token from before. Answers False where there is none. Raises Refused."""
    stack = _Stack(environment, _required(environment, pulumi, finish_lines(environment)))
    stack.present_token()
    if not stack.get(PREVIOUS):
        return False
    confirm(f"Has `{up_line(environment)}` run since the new token was made, so that the rules take it?")
    if not stack.remove(PREVIOUS):
        raise Refused(f"`{stack.line('config rm', PREVIOUS)}` failed; nothing was changed")
    return True


def begin_lines(environment: str) -> list[str]:
    """What to type where there is no command to call, and what `--dry-run` prints. No value becomes an argument."""
    at = f"--stack {environment}"
    return [
        f"pulumi config get {TOKEN} {at} | tr -d '\\n' | pulumi config set --secret {PREVIOUS} {at}",
        f"openssl rand -hex 32 | tr -d '\\n' | pulumi config set --secret {TOKEN} {at}",
        up_line(environment),
    ]


def finish_lines(environment: str) -> list[str]:
    return [f"pulumi config rm {PREVIOUS} --stack {environment}", up_line(environment)]


def up_line(environment: str) -> str:
    return f"pulumi up --stack {environment}"


class _Stack:
    """The settings of one stack, through the command."""

    def __init__(self, environment: str, pulumi: Pulumi) -> None:
        self._at, self._pulumi = ("--stack", environment, "--non-interactive"), pulumi

    def get(self, key: str) -> str | None:
        return self._pulumi(["config", "get", key, *self._at], None)

    def present_token(self) -> str:
        """A key that is not there and a Pulumi that cannot be reached look alike; the token must be there."""
        found = self.get(TOKEN)
        if not found:
            at = f"{TOKEN} of the stack {self._at[1]}"
            raise Refused(
                f"{at} cannot be read. {_OWNERS}: with the owner's credentials log in to Pulumi, then try "
                f"`{self.line('config get', TOKEN)}`"
            )
        return found

    def set(self, key: str, value: str) -> bool:
        return self._pulumi(["config", "set", "--secret", key, *self._at], value) is not None

    def remove(self, key: str) -> bool:
        return self._pulumi(["config", "rm", key, *self._at], None) is not None

    def line(self, *words: str) -> str:
        return " ".join(("pulumi", *words, *self._at[:2]))


def _required(environment: str, pulumi: Pulumi | None, lines: Sequence[str]) -> Pulumi:
    if pulumi is None:
        typed = "\n".join(f"  {line}" for line in lines)
        raise Refused(
            f"there is no `pulumi` command here. {_OWNERS}; where there is one, type with the owner's credentials for "
            f"{environment}:\n{typed}"
        )
    return pulumi
