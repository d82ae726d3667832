"""Waiting for a service, by our own loop: the SDK's waiter is also content after ECS has rolled back.

What counts is evidence about one task definition: its tasks, their targets, the reasons why others of it stopped.
The first answers after an UpdateService may still be those from before it; they say nothing about it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from scripts.aws.model import STALE_READ_SECONDS, Deployment, Service, Target, Task
from scripts.errors import StepFailed
from scripts.release.work import Work
from stacks.naming import Colour, Part

CRASH_LOOP = 3
_HEALTHY = "healthy"
_STOPPED = "STOPPED"
# What ECS says of a task that it stopped because fewer are wanted (developer guide, "stopped tasks error messages").
# The deployment's id follows.
_SCALED_IN = "Scaling activity initiated by"


class Verdict(Enum):
    """What a look at a service says."""

    DONE = auto()
    WAITING = auto()
    FAILED = auto()


@dataclass(frozen=True)
class Look:
    """One look at a service and its target group."""

    service: Service
    tasks: tuple[Task, ...]
    stopped: tuple[Task, ...]
    targets: tuple[Target, ...]


def judge(look: Look, definition: str, count: int) -> tuple[Verdict, str]:
    """Whether `count` tasks of the definition run and are healthy, and a line that says so."""
    primary = _primary(look.service.deployments, definition)
    if primary is None:
        return Verdict.WAITING, "ECS still answers with the revision from before"
    crashed = [task for task in crashes(look.stopped) if task.definition == definition]
    if primary.rollout == "FAILED" or len(crashed) >= CRASH_LOOP:
        return Verdict.FAILED, _failure(primary, crashed)
    ours = [task for task in look.tasks if task.definition == definition and task.status == "RUNNING"]
    healthy = healthy_addresses(look.targets) & {task.address for task in ours}
    line = f"{len(ours)} of {count} running, {len(healthy)} healthy"
    old_gone = look.service.running == len(ours)
    if len(ours) == len(healthy) == count == primary.desired and old_gone:
        return Verdict.DONE, line
    reason = f"; last stop: {crashed[-1].reason}" if crashed else ""
    return Verdict.WAITING, line + reason


def crashes(stopped: Iterable[Task]) -> list[Task]:
    """Without those that ended because fewer are wanted.

    Autoscaling shrinks no service whose deployment is in progress (developer guide, "troubleshooting service auto
    scaling"); it is complete, and may be followed by that, while old tasks still drain.
    """
    return [task for task in stopped if task.status == _STOPPED and not task.reason.startswith(_SCALED_IN)]


def healthy_addresses(targets: Iterable[Target]) -> set[str | None]:
    return {target.address for target in targets if target.state == _HEALTHY}


def look(work: Work, part: Part, colour: Colour) -> Look:
    cloud = work.site.cloud
    return Look(
        service=cloud.services()[part, colour],
        tasks=cloud.tasks(part, colour),
        stopped=cloud.tasks(part, colour, stopped=True),
        targets=cloud.targets(part, colour),
    )


def await_running(work: Work, part: Part, colour: Colour, count: int, definition: str) -> None:
    """Raises StepFailed on a crash loop, on ECS's own verdict, and when the time is over."""
    seconds = work.site.manifest.policy.start_timeout_seconds
    until, said = work.site.clock.monotonic() + seconds, ""
    while True:
        found = look(work, part, colour)
        verdict, line = judge(found, definition, count)
        if line != said:
            work.site.voice.say(line)
            said = line
        if verdict is Verdict.DONE:
            return
        if verdict is Verdict.FAILED:
            raise StepFailed(f"{part} {colour} does not start: {line}")
        if work.site.clock.monotonic() >= until:
            event = f"; ECS says: {found.service.last_event}" if found.service.last_event else ""
            raise StepFailed(f"{part} {colour} was not healthy after {seconds:g} s: {line}{event}")
        work.poll()


def await_stopped(work: Work, part: Part, colour: Colour) -> None:
    """Until the last task has ended: one that drains is no longer counted as running, but still answers.

    Zero is believed only when it was read after the write could no longer be missing from the answer.
    """
    clock, seconds = work.site.clock, work.site.manifest.policy.settle_timeout_seconds
    began, said = clock.monotonic(), ""
    while True:
        line = _left(work, part, colour)
        if not line and clock.monotonic() - began >= STALE_READ_SECONDS:
            return
        if line and line != said:
            work.site.voice.say(line)
            said = line
        if clock.monotonic() - began >= seconds:
            raise StepFailed(f"{part} {colour} has not stopped after {seconds:g} s: {line}; ECS goes on draining it")
        work.poll()


def _left(work: Work, part: Part, colour: Colour) -> str:
    """What of a slot is still there, empty when nothing is."""
    cloud = work.site.cloud
    service = cloud.services()[part, colour]
    ending = [task for task in cloud.tasks(part, colour, stopped=True) if task.status != _STOPPED]
    counts = {"running": service.running + service.pending, "draining": len(ending), "wanted": service.desired}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def _primary(deployments: Iterable[Deployment], definition: str) -> Deployment | None:
    return next((d for d in deployments if d.status == "PRIMARY" and d.definition == definition), None)


def _failure(deployment: Deployment, crashed: list[Task]) -> str:
    if not crashed:
        return f"ECS gave the deployment up: {deployment.reason}"
    return f"{len(crashed)} tasks stopped, the last because: {crashed[-1].reason or 'no reason given'}"
