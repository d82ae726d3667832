"""GPU capacity: what runs and is reserved, what a reservation would save, and which image hosts boot."""

from typing import TYPE_CHECKING

from scripts.aws.terms import OfferingClass, Payment
from scripts.command import Report, Run, command
from scripts.errors import WrongUsage
from scripts.roles import Role
from scripts.task_names import TaskName, command_line

if TYPE_CHECKING:
    from scripts.aws.terms import Bought
    from scripts.capacity.buying import Desk
    from scripts.capacity.planning import Plan


@command(
    group="capacity",
    help={
        "count": "hosts to reserve (default: those that always run, less those reserved)",
        "years": "1 or 3 (default 1)",
        "payment": "no-upfront, partial-upfront or all-upfront (default: show all)",
        "offering_class": "standard or convertible (default standard)",
        "zone": "reserve in this zone only (default: anywhere in the region)",
        "varies": "how many percent the monthly volume varies (default: measured)",
        "on_top": "buy --count hosts besides those that are reserved",
        "buy": "buy what is shown, after a question",
        "forget_open": "close a purchase that was never made",
    },
    role=Role.OWNER,
)
def reserve(
    run: Run,
    count: int | None = None,
    years: int = 1,
    payment: Payment | None = None,
    offering_class: OfferingClass = OfferingClass.STANDARD,
    zone: str | None = None,
    varies: float | None = None,
    on_top: bool = False,
    buy: bool = False,
    forget_open: bool = False,
) -> Report:
    """Compare Reserved Instances with on demand, and buy them once."""
    from scripts.capacity import looking, planning
    from scripts.environment import account

    _require_sense(count, years, varies, buy and forget_open)
    if zone is not None and count is None:
        raise WrongUsage(f"--zone {zone}: give --count too, because hosts are spread over the zones")
    found = account(run.environment, run.console, role=run.role)
    desk = looking.desk(found, run.console)
    resolved = _resolved(run, desk, forget_open)
    if resolved is not None:
        return resolved
    wish = planning.Wish(count, years, payment, offering_class, zone, on_top)
    plan = planning.plan(desk, found.manifest, wish, looking.needed(found), looking.volume(found, varies))
    for warning in plan.warnings:
        run.console.warn(warning)
    return _bought(run, desk, plan) if buy else _shown(plan)


@command(group="capacity", role=Role.OPERATOR)
def status(run: Run) -> Report:
    """Show the GPU hosts that run, those that are reserved, and what is paid for nothing."""
    from scripts.capacity import looking
    from scripts.environment import account

    found = looking.standing(account(run.environment, run.console, role=run.role))
    return Report(text=found.text, body=found.body)


@command(group="capacity", role=Role.OPERATOR)
def image(run: Run) -> Report:
    """Show the image that GPU hosts boot, and the newest that AWS recommends."""
    from scripts.capacity import looking
    from scripts.environment import account

    found = looking.image(account(run.environment, run.console, role=run.role))
    return Report(text=found.text, body=found.body, next_command=None if found.is_newest else found.pin)


def _require_sense(count: int | None, years: int, varies: float | None, both: bool) -> None:
    if count is not None and count < 1:
        raise WrongUsage(f"--count {count}: expected 1 or more")
    if years not in (1, 3):
        raise WrongUsage(f"--years {years}: expected 1 or 3")
    if varies is not None and varies < 0:
        raise WrongUsage(f"--varies {varies:g}: expected 0 percent or more")
    if both:
        raise WrongUsage("--buy and --forget-open: first the one, then the other")


def _resolved(run: Run, desk: "Desk", forget_open: bool) -> Report | None:
    """What became of a purchase that was left open; None where none is. Nothing is bought in the same run."""
    from scripts.capacity import buying

    left = desk.purchases.read().open
    if left is None and forget_open:
        return Report(message="no purchase is open: nothing to forget")
    if left is None:
        return None
    made = buying.forget(desk, left, run.yes) if forget_open else buying.resolve(desk, left)
    if not made:
        return Report(message=f"purchase {left.id} is forgotten", next_command=desk.look_again)
    return Report(
        message=f"{left} was made, and is recorded now: {_ids(made)}. Nothing was bought by this run",
        next_command=command_line(TaskName.CAPACITY_STATUS, run.environment),
    )


def _shown(plan: "Plan") -> Report:
    from scripts.capacity import plan_report

    line = plan.command(plan.comparisons[0]) if plan.count else None
    body = plan_report.body(plan) | {"next_command": line}
    return Report(text=plan_report.text(plan), body=body, next_command=line)


def _bought(run: Run, desk: "Desk", plan: "Plan") -> Report:
    from scripts.capacity import buying, plan_report

    if plan.count == 0:
        return Report(message=f"{plan.paid_hosts} hosts are reserved, {plan.need.hosts} are needed: nothing to buy")
    order = plan.order
    if not run.json:
        run.console.text(plan_report.text(plan))
    run.console.confirm(plan_report.question(plan, order.chosen), run.yes)
    reserved_id = buying.buy(desk, order)
    return Report(
        message=f"bought {plan.count} x {order.chosen.offer.terms}: {reserved_id}",
        next_command=command_line(TaskName.CAPACITY_STATUS, run.environment),
    )


def _ids(made: "tuple[Bought, ...]") -> str:
    return ", ".join(one.id for one in made)
