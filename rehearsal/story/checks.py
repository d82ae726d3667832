"""What must be true after a step, each a function that answers what is not. Pure."""

from collections.abc import Callable
from typing import Any

Status = dict[str, Any]
Answer = dict[str, Any]
# Reads the status before and after its step, and returns what is wrong, or None.
Check = Callable[[Status, Status], str | None]
# Reads the answer of a command that is repeated, and returns what is still missing, or None.
Until = Callable[[Answer], str | None]
_NO_REPORT = "no gateway task that serves clients reports"


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


def vllm_complete(status: Answer) -> str | None:
    """As many vLLM tasks run as gateway tasks: in a rehearsal a colour has two of each."""
    live = status.get("live") or {"api_running": 0, "vllm_running": -1}
    if live["vllm_running"] == live["api_running"]:
        return None
    return f"{live['vllm_running']} vLLM tasks run"


def breaker_open(answer: Answer) -> str | None:
    """Every task that serves clients leaves vLLM alone. One that asks it once more has not found it back."""
    found = _vllm_breakers(answer)
    closed = [task for task, state in found.items() if state == "closed"]
    return _still("closed", closed) if found else _NO_REPORT


def breaker_closed(answer: Answer) -> str | None:
    """Every task that serves clients asks vLLM again."""
    found = _vllm_breakers(answer)
    return _still("open", [task for task, state in found.items() if state != "closed"]) if found else _NO_REPORT


def _vllm_breakers(answer: Answer) -> dict[str, str]:
    """The state on each task that reports and serves clients."""
    return {
        task["task"]: str(task["breakers"].get("vllm", {}).get("state"))
        for task in answer.get("tasks", ())
        if task["fresh"] and task["is_serving"]
    }


def _still(state: str, tasks: list[str]) -> str | None:
    return f"vLLM's breaker is still {state} on {', '.join(tasks)}" if tasks else None
