"""How numbers and findings are said, on the terminal and on the page alike."""

from rehearsal.traffic.accounting import Account

NOTHING = "-"


def milliseconds(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.0f}"


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 request`, `2 requests`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def headline(account: Account) -> str:
    """The run in one sentence."""
    total = account.total
    if total.requests == 0:
        return "No request was sent, so nothing is proven."
    if account.flawless:
        return f"{count(total.requests, 'request')}, none lost."
    failed = total.lost + total.cut
    if failed:
        return f"{failed:,} of {count(total.requests, 'request')} did not get a complete answer."
    return f"{count(total.requests, 'request')}, none lost, but not all as it should be."


def findings(account: Account) -> str:
    """What was counted against the run, zeros included: a reader must see that it was looked for."""
    total = account.total
    parts = [
        count(total.requests, "request"),
        f"{total.lost:,} lost",
        f"{count(total.cut, 'stream')} cut",
        f"{total.duplicated:,} duplicated",
    ]
    if total.refused:
        parts.append(f"{total.refused:,} refused")
    if total.unfinished:
        parts.append(f"{total.unfinished:,} of the lost never ended")
    return f"{', '.join(parts)}, at {account.rate_per_second:.1f} a second."
