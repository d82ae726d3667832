"""Whether anybody would notice: alarm addresses, and tags by which a bill tells environments apart. Pure."""

from collections.abc import Collection

from scripts.bootstrap.finding import Finding, Status
from stacks.naming import STACK_TAG

# What `stacks/components/provider.py` puts on everything. The budget counts by the last one.
_TAGS = ("Project", "Environment", STACK_TAG)


def alarms(addresses: Collection[str]) -> Finding:
    if not addresses:
        return Finding(
            "alert addresses", Status.WARNING, "none: no alarm and no budget would reach anybody (alertEmails)"
        )
    return Finding("alert addresses", Status.OK, f"{len(addresses)}; each must confirm the mail that it gets")


def bill() -> Finding:
    """AWS shows a tag in Billing up to a day after its first use, and only the payer account may activate it."""
    statuses = " ".join(f"TagKey={tag},Status=Active" for tag in _TAGS)
    return Finding(
        "cost tags",
        Status.NOTE,
        f"a day after the first `pulumi up`, activate {', '.join(_TAGS)} in the account that pays; before that the "
        "budget counts nothing",
        f"aws ce update-cost-allocation-tags-status --cost-allocation-tags-status {statuses}",
    )
