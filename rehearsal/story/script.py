"""What each story plays, as data: commands with the exit code they must have, and what must then be true."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rehearsal import invitation

Status = dict[str, Any]
# A check reads the status before and after its step, and returns what is wrong, or None.
Check = Callable[[Status, Status], str | None]


@dataclass(frozen=True)
class Step:
    """One command of the story. `name` is what the report calls it."""

    name: str
    arguments: tuple[str, ...]
    exit_code: int = 0
    check: Check | None = None
    starts_load: bool = False


def live_untouched(before: Status, after: Status) -> str | None:
    """A candidate is there and the live release is as it was."""
    if before["live"] != after["live"]:
        return f"the live release changed: {before['live']} became {after['live']}"
    return None


def new_model_has_gpus_of_its_own(before: Status, after: Status) -> str | None:
    live, idle = after["live"], after["idle"]
    if idle["model_colour"] == live["model_colour"]:
        return f"the candidate shares the vLLM colour {live['model_colour']} with the live release"
    if not idle["vllm_running"]:
        return "the candidate has no vLLM task"
    return live_untouched(before, after)


def no_second_gpu(before: Status, after: Status) -> str | None:
    live, idle = after["live"], after["idle"]
    if idle["model_colour"] != live["model_colour"]:
        return f"an API-only release started vLLM on {idle['model_colour']}"
    return live_untouched(before, after)


def live_changed(before: Status, after: Status) -> str | None:
    if before["live"] and before["live"]["release"] == after["live"]["release"]:
        return f"the live release is still {after['live']['release']}"
    return None


def _command(name: str, *arguments: str, **more: Any) -> Step:
    return Step(name, tuple(arguments), **more)


RELEASE = (
    _command("first release", *invitation.first_release()),
    _command("first switchover", "switchover", starts_load=True),
    _command("deploy-green: new model", *invitation.new_model(), check=new_model_has_gpus_of_its_own),
    _command("smoke", "smoke"),
    _command("switchover", "switchover", check=live_changed),
    _command("rollback", "rollback", check=live_changed),
    _command("switchover again", "switchover", check=live_changed),
    _command("settle", "settle"),
    _command("deploy-green: API only", *invitation.new_api(), check=no_second_gpu),
    _command("switchover: API only", "switchover", check=live_changed),
    _command("broken candidate", *invitation.broken_candidate(), exit_code=2, check=live_untouched),
)

STORIES: dict[str, tuple[Step, ...]] = {"release": RELEASE}
