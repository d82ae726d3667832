"""Which tiers answer, set by hand while the gateway runs. Else vLLM, OpenAI and the cache are asked in this order."""

from typing import TYPE_CHECKING

from scripts.command import Report, Run, command
from scripts.errors import Refused, WrongUsage
from scripts.roles import Role
from scripts.switches import tier as tiers
from scripts.switches.tier import Mode, Modes, Tier
from scripts.task_names import TaskName, command_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.switches.panel import Panel

_HELP = {"tier": "vllm, openai or cache", "reason": "why, for whoever looks next"}


@command(group="fallback", role=Role.OPERATOR)
def status(run: Run) -> Report:
    """Show breakers and switches as every gateway task reports them."""
    return look(run)


@command(group="fallback", help=_HELP, changes=True, role=Role.OPERATOR)
def force(run: Run, tier: Tier, reason: str | None = None) -> Report:
    """Begin with this tier: those before it are skipped, and its breaker is ignored."""
    return _switch(run, tier, reason, lambda modes: tiers.forced(modes, tier))


@command(group="fallback", help=_HELP, changes=True, role=Role.OPERATOR)
def off(run: Run, tier: Tier, reason: str | None = None) -> Report:
    """Never ask this tier."""
    return _switch(run, tier, reason, lambda modes: {**modes, tier: Mode.OFF})


@command(group="fallback", help={"tier": f"{_HELP['tier']} (default: all)"}, changes=True, role=Role.OPERATOR)
def auto(run: Run, tier: Tier | None = None) -> Report:
    """Give a tier, or all of them, its normal place back."""
    back = dict.fromkeys((tier,) if tier else Tier, Mode.AUTO)
    return _carry_out(run, panel(run), "", lambda modes: {**modes, **back})


def look(run: Run) -> Report:
    found = panel(run).look()
    return Report(text=found.text, body=found.body, next_command=found.next_command)


def panel(run: Run) -> "Panel":
    from scripts.aws.account import identity
    from scripts.aws.shared_table import SharedTable
    from scripts.environment import account
    from scripts.release.clock import SystemClock
    from scripts.switches.panel import Panel
    from stacks.naming import Names, Table

    reached = account(run.environment, run.console, role=run.role)
    table = SharedTable(reached.clients, Names(run.environment).table(Table.USAGE))
    present = tuple(tier for tier in Tier if tier is not Tier.OPENAI or reached.manifest.secrets.openai_key)
    who = identity(reached.clients)
    return Panel(run.environment, table, SystemClock(), run.console, who, present)


def _switch(run: Run, tier: Tier, reason: str | None, change: "Callable[[Modes], Modes]") -> Report:
    if reason is None:
        raise WrongUsage("--reason is missing: whoever looks next should know why")
    found = panel(run)
    if tier not in found.present:
        raise Refused(f"{run.environment} has no {tier}: external fallback is `never` there")
    return _carry_out(run, found, reason, change)


def _carry_out(run: Run, found: "Panel", reason: str, change: "Callable[[Modes], Modes]") -> Report:
    from scripts.cost.prices import ANYWHERE, load
    from scripts.switches import consent
    from scripts.tasks.report import planned_calls

    before = found.look().switches.modes
    after = change(before)
    writes = found.mode_writes(before, after, reason)
    if run.dry_run:
        return planned_calls(run.environment, [found.table.call(write) for write in writes])
    cost = consent.openai_cost(load(ANYWHERE))
    if asked := consent.question(before, after, cost, found.present):
        run.console.confirm(asked, run.yes)
    standing = found.set_modes(writes, after)
    switched = any(mode is not Mode.AUTO for mode in after.values())
    return Report(
        message=f"{'done' if writes else 'already so'}; {standing.summary}",
        body=standing.body,
        next_command=command_line(TaskName.FALLBACK_AUTO, run.environment) if switched else None,
    )
