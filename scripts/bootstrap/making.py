"""The one place where `stack.bootstrap` changes something. What is there already is no error: somebody was quicker."""

from collections.abc import Iterable

from scripts.aws.calls import execute
from scripts.aws.clients import Clients
from scripts.aws.model import Call
from scripts.bootstrap.creation import Creation, filled
from scripts.console import Console
from scripts.errors import AwsFailed, HalfWay
from stacks.naming import STATE_KEY_ALIAS

_THERE = ("BucketAlreadyOwnedByYou", "EntityAlreadyExists", "AlreadyExistsException")
# IAM's words for a service-linked role that exists; its code is shared with other mistakes.
_TAKEN = "has been taken in this account"
_ALIAS = "kms CreateAlias"


def make(clients: Clients, creations: Iterable[Creation], console: Console, next_command: str) -> None:
    """Raises AwsFailed where nothing was made yet, HalfWay where something was."""
    made: list[str] = []
    key_arn: str | None = None
    try:
        for creation in creations:
            with console.step(creation.what, creation.saying):
                for call in creation.calls:
                    key_arn = _make(clients, filled(call, key_arn)) or key_arn
                    made.append(f"{call.service} {call.operation}")
    except (AwsFailed, KeyboardInterrupt) as error:
        if not made:
            raise
        raise _half_way(str(error) or "stopped", made, key_arn, next_command) from error


def _half_way(why: str, made: list[str], key_arn: str | None, next_command: str) -> HalfWay:
    """A key without its alias would be made, and paid for, a second time."""
    if key_arn and _ALIAS not in made:
        name = f"aws kms create-alias --alias-name {STATE_KEY_ALIAS} --target-key-id {key_arn}"
        return HalfWay(f"{why}; {key_arn} was made and has no alias yet: give it one, then run this again", name)
    return HalfWay(f"{why}; done before: {', '.join(made)}; the next run goes on from there", next_command)


def _make(clients: Clients, call: Call) -> str | None:
    """The ARN of a key, where the call made one."""
    try:
        answer = execute(clients, call)
    except AwsFailed as error:
        if error.code in _THERE or _TAKEN in str(error):
            return None
        raise
    arn: str | None = answer.get("KeyMetadata", {}).get("Arn")
    return arn
