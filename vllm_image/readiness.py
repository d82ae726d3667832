"""When the container is ready, and when it is alive. Pure: transitions and verdicts, no clock, no network.

vLLM's own /health answers 200 while its engine hangs, so neither verdict rests on it alone. Ready: healthy,
and a real completion was made. Alive: completions are made, or at least tokens.

    LOADING ──warmed──▶ SERVING ──draining──▶ DRAINING
       └───────────────draining───────────────────▲

Draining is final: nothing that a late thread reports makes a stopping container ready again.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from vllm_image.settings import Timing


class Phase(StrEnum):
    """Where the container is in its life."""

    LOADING = "loading"
    SERVING = "serving"
    DRAINING = "draining"


@dataclass(frozen=True)
class Condition:
    """What is known about vLLM at one moment. `failures`: liveness probes failed in a row."""

    started_at: float
    phase: Phase = Phase.LOADING
    failures: int = 0
    reason: str = "vLLM was just started"


@dataclass(frozen=True)
class Answer:
    """How one request to vLLM went."""

    is_good: bool
    detail: str


@dataclass(frozen=True)
class Verdict:
    """What a check is told."""

    is_good: bool
    reason: str


def still_loading(condition: Condition, reason: str) -> Condition:
    return replace(condition, reason=reason) if condition.phase is Phase.LOADING else condition


def warmed(condition: Condition) -> Condition:
    if condition.phase is not Phase.LOADING:
        return condition
    return replace(condition, phase=Phase.SERVING, failures=0, reason="serving")


def probed(condition: Condition, answer: Answer) -> Condition:
    if condition.phase is not Phase.SERVING:
        return condition
    if answer.is_good:
        return replace(condition, failures=0, reason="serving")
    return replace(condition, failures=condition.failures + 1, reason=answer.detail)


def draining(condition: Condition) -> Condition:
    return replace(condition, phase=Phase.DRAINING, reason="draining: the container was told to stop")


def judged(answer: Answer, tokens_before: float | None, tokens_after: float | None) -> Answer:
    """A failed completion is no failure of an engine that made tokens meanwhile: it is busy, not dead.

    Without this, a full queue (503) would get a working task killed at the worst moment.
    """
    if answer.is_good or tokens_before is None or tokens_after is None or tokens_after <= tokens_before:
        return answer
    return Answer(True, f"busy: {tokens_after - tokens_before:g} tokens were made meanwhile ({answer.detail})")


def ready(condition: Condition, timing: Timing) -> Verdict:
    """For the load balancer: may requests be sent here?"""
    if condition.phase is Phase.SERVING and condition.failures >= timing.probe_failures:
        return Verdict(False, _hangs(condition))
    return Verdict(condition.phase is Phase.SERVING, condition.reason)


def live(condition: Condition, timing: Timing, now: float) -> Verdict:
    """For the container check: is there a reason to replace this container?

    Never while it drains: it is being replaced already, and its last requests are still running.
    """
    if condition.phase is Phase.LOADING:
        allowance = timing.start_allowance_seconds
        is_late = now - condition.started_at > allowance
        return Verdict(
            not is_late,
            f"loading took longer than {allowance:g} s: {condition.reason}" if is_late else condition.reason,
        )
    if condition.phase is Phase.SERVING and condition.failures >= timing.probe_failures:
        return Verdict(False, _hangs(condition))
    return Verdict(True, condition.reason)


def _hangs(condition: Condition) -> str:
    return f"vLLM hangs: {condition.failures} liveness completions failed in a row, the last: {condition.reason}"
