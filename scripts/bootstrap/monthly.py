"""What the environment will cost in a month, as a line of the account's table and as part of the question. Pure.

The numbers are those of `fab stack.cost`; what depends on use is left to it.
"""

from dataclasses import replace

from scripts.bootstrap.finding import Finding, Status
from scripts.bootstrap.looking import Looked
from scripts.cost.model import Bill
from scripts.errors import Refused
from scripts.task_names import TaskName, command_line

MATTER = "monthly cost"


def added(looked: Looked, bill: Bill) -> Looked:
    says = (
        f"${bill.idle_monthly_usd():,.2f} at rest (one colour), ${bill.releasing_monthly_usd:,.2f} if a release ran "
        f"all month (both; ${bill.release_hour_usd:.2f} more an hour); use comes on top{_left_out(bill)}"
    )
    found = Finding(MATTER, Status.NOTE, says, command_line(TaskName.STACK_COST, looked.environment))
    return replace(looked, findings=(*looked.findings, found), bill=bill)


def not_known(looked: Looked, error: Refused) -> Looked:
    """With the first line of the reason: settings that are wrong have lines of their own in the table."""
    says = str(error).splitlines()[0].rstrip(":")
    found = Finding(MATTER, Status.NOT_KNOWN, says, command_line(TaskName.STACK_COST, looked.environment))
    return replace(looked, findings=(*looked.findings, found))


def asked(looked: Looked) -> str:
    """A sentence before the question."""
    if looked.bill is None:
        return f"What {looked.environment} will cost in a month is not known."
    at_rest, releasing = looked.bill.idle_monthly_usd(), looked.bill.releasing_monthly_usd
    return (
        f"From its first release on, {looked.environment} will cost ${at_rest:,.2f} a month at rest, "
        f"${releasing:,.2f} if a release ran all month{_left_out(looked.bill)}."
    )


def _left_out(bill: Bill) -> str:
    """Sums leave out what has no price, in another region than the table's nearly everything."""
    unpriced = sum(one.price.usd is None for one in bill.lines)
    if not unpriced:
        return ""
    return f"; {unpriced} of {len(bill.lines)} items have no price for {bill.region} and are left out"
