"""The gateway's breakers: how they stand on every task, and resetting one."""

from scripts.command import Report, Run, command
from scripts.roles import Role
from scripts.switches.tier import Upstream
from scripts.tasks.fallback import look, panel


@command(group="breaker", role=Role.OPERATOR)
def status(run: Run) -> Report:
    """Show breakers and switches as every gateway task reports them."""
    return look(run)


@command(
    group="breaker",
    help={"tier": "vllm or openai (default: vllm)"},
    changes=True,
    role=Role.OPERATOR,
)
def reset(run: Run, tier: Upstream = Upstream.VLLM) -> Report:
    """Close a tier's breaker on every gateway task, so that the next request asks it."""
    from scripts.switches import item
    from scripts.tasks.report import planned_calls

    found = panel(run)
    number = found.reset_number(found.look(), tier)
    if run.dry_run:
        return planned_calls(run.environment, [found.table.call(item.reset_write(tier, number))])
    after = found.reset(tier, number)
    return Report(message=f"the breaker of {tier} is reset; {after.summary}", body={**after.body, "number": number})
