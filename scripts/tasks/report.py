"""Looking without touching: plan, status, history."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from scripts.command import Report, Run, command
from scripts.errors import Refused, WrongUsage
from scripts.roles import Role
from scripts.task_names import TaskName, command_line
from scripts.tasks.choices import RELEASE_HELP, overridden

if TYPE_CHECKING:
    from scripts.aws.model import Call
    from scripts.release.model import Change
    from scripts.release.plans import Plan
    from scripts.release.ports import Site
    from scripts.release.preflight import Override
    from stacks.manifest import Manifest


@command(help=RELEASE_HELP, role=Role.OPERATOR)
def plan(
    run: Run,
    api_image: str | None = None,
    vllm_image: str | None = None,
    model: str | None = None,
    profile: str | None = None,
    reason: str | None = None,
    despite: list[str] | None = None,
    because: str | None = None,
) -> Report:
    """Print the AWS calls that deploy-green and switchover would make."""
    from scripts.environment import connect
    from scripts.release.model import change

    asked, override = change(api_image, vllm_image, model, profile), overridden(despite, because)
    return foretold(run, connect(run.environment, run.console, role=run.role), asked, reason or "plan", override)


@command(role=Role.OPERATOR)
def status(run: Run) -> Report:
    """Show what is live, what is idle, what is unfinished, and what it costs."""
    from scripts.environment import connect
    from scripts.release.status import status as look

    found = look(connect(run.environment, run.console, role=run.role))
    return Report(text=found.text, body=found.body)


@command(help={"limit": "how many releases (default 10)"}, role=Role.OPERATOR)
def history(run: Run, limit: int = 10) -> Report:
    """Show the last releases: what, who, when and why."""
    from scripts.environment import connect
    from scripts.release import history as past

    if limit < 1:
        raise WrongUsage(f"--limit {limit}: expected 1 or more")
    found = past.entries(connect(run.environment, run.console, role=run.role), limit)
    return Report(text=past.text(found), body={"environment": run.environment, "releases": past.body(found)})


def foretold(run: Run, site: "Site", asked: "Change", reason: str, override: "Override") -> Report:
    """What deploy-green and switchover would do now. Raises Refused, after the calls, where they would refuse."""
    from scripts.release.commands import foresee

    prepared, after = foresee(site, asked, reason, override)
    report = planned(site.manifest, (prepared.plan, after))
    for remark in prepared.remarks:
        run.console.say(remark)
    if prepared.objections:
        if not run.json:
            run.console.text(report.text or "")
        raise Refused("it would be refused: " + "; and ".join(prepared.objections))
    return Report(
        text=report.text, body=report.body, next_command=command_line(TaskName.DEPLOY_GREEN, run.environment, "…")
    )


def planned(manifest: "Manifest", plans: "Iterable[Plan]") -> Report:
    """The calls of plans, as text and as an object."""
    found = [(plan.command, plan.calls(manifest)) for plan in plans]
    text = "\n\n".join(f"{command}:\n{calls_text(calls)}" for command, calls in found)
    body = {str(command): [_object(call) for call in calls] for command, calls in found}
    return Report(text=text, body={"environment": manifest.environment, "plan": body})


def planned_calls(environment: str, calls: "Iterable[Call]") -> Report:
    """Calls that belong to no plan of the engine's, as text and as an object."""
    found = [*calls]
    body = {"environment": environment, "plan": [_object(call) for call in found]}
    return Report(message="nothing was changed", text=calls_text(found), body=body)


def calls_text(calls: "Iterable[Call]") -> str:
    """One call a line, with its parameters as they are sent."""
    return "\n".join(f"  {call.service} {call.operation} {_json(call)}" for call in calls)


def _object(call: "Call") -> dict[str, object]:
    return {"service": call.service, "operation": call.operation, "parameters": json.loads(_json(call))}


def _json(call: "Call") -> str:
    return json.dumps(call.parameters, default=str)
