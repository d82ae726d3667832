"""Waiting for a forced deployment. Its tasks have the same task definition as the old ones: only the id tells them.

An old task that drains still answers with what it read when it began, so the roll is over when it has left the
target group.
"""

from scripts.errors import StepFailed
from scripts.release.waiting import CRASH_LOOP, Look, Verdict, crashes, healthy_addresses, look
from scripts.release.work import Work
from stacks.manifest import Policy
from stacks.naming import Colour, Part


def judge_rolled(seen: Look, deployment: str) -> tuple[Verdict, str]:
    """Whether the deployment's tasks are the only ones that serve, and a line that says so."""
    primary = next((d for d in seen.service.deployments if d.id == deployment and d.status == "PRIMARY"), None)
    if primary is None:
        return Verdict.WAITING, "ECS does not show the new deployment yet, or somebody began another one"
    crashed = [task for task in crashes(seen.stopped) if task.deployment == deployment]
    if primary.rollout == "FAILED" or len(crashed) >= CRASH_LOOP:
        why = crashed[-1].reason if crashed else primary.reason
        return Verdict.FAILED, f"{len(crashed)} new tasks stopped, the last because: {why or 'no reason given'}"
    ours = [task for task in seen.tasks if task.deployment == deployment and task.status == "RUNNING"]
    addresses = {task.address for task in ours}
    healthy = healthy_addresses(seen.targets) & addresses
    old = len({target.address for target in seen.targets} - addresses) + seen.service.running - len(ours)
    line = f"{len(ours)} of {primary.desired} new tasks running, {len(healthy)} healthy"
    if len(ours) == len(healthy) == primary.desired and old <= 0:
        return Verdict.DONE, line
    return Verdict.WAITING, line + ("; old ones still drain" if len(healthy) >= primary.desired else "")


def longest_roll_seconds(policy: Policy) -> float:
    """How long one service's roll may take: its new tasks start, its old ones drain."""
    return policy.start_timeout_seconds + policy.settle_timeout_seconds


def await_rolled(work: Work, part: Part, colour: Colour, deployment: str) -> None:
    """Raises StepFailed; what served before goes on serving then, because ECS stops nothing too early."""
    clock, seconds = work.site.clock, longest_roll_seconds(work.site.manifest.policy)
    until, said = clock.monotonic() + seconds, ""
    while True:
        verdict, line = judge_rolled(look(work, part, colour), deployment)
        if line != said:
            work.site.voice.say(line)
            said = line
        if verdict is Verdict.DONE:
            return
        if verdict is Verdict.FAILED:
            raise StepFailed(f"new {part} {colour} tasks do not start, the old ones still serve: {line}")
        if clock.monotonic() >= until:
            raise StepFailed(f"{part} {colour} was not rolled after {seconds:g} s: {line}")
        work.poll()
