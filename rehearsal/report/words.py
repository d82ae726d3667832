"""How numbers and findings are said, on the terminal and on the page alike."""

from rehearsal.report.facts import Fallback
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
        return f"{count(total.requests, 'request')}, none lost{_but_cut(total.cut_by_outage)}."
    failed = total.lost + total.cut
    if failed:
        return f"{failed:,} of {count(total.requests, 'request')} did not get a complete answer."
    return f"{count(total.requests, 'request')}, none lost, but not all as it should be."


def _but_cut(streams: int) -> str:
    return f"; {count(streams, 'stream')} cut when vLLM was killed" if streams else ""


def stood_in(fallback: Fallback) -> str:
    """What the fallback did and cost, as a sentence without full stop."""
    tokens = f"{fallback.prompt_tokens:,} + {fallback.completion_tokens:,} tokens"
    return (
        f"OpenAI answered {count(fallback.requests, 'request')} in {fallback.seconds:.1f} s: {tokens}, "
        f"${fallback.usd:,.4f}, ${fallback.usd_per_hour:,.2f} an hour at this rate; the GPU hosts that it stands "
        f"in for cost ${fallback.gpu_usd_per_hour:,.2f}"
    )


def findings(account: Account) -> str:
    """What was counted against the run, zeros included: a reader must see that it was looked for."""
    total = account.total
    parts = [
        count(total.requests, "request"),
        f"{total.lost:,} lost",
        f"{count(total.cut, 'stream')} cut",
        f"{total.duplicated:,} duplicated",
    ]
    if total.cut_by_outage:
        told = "its client" if total.cut_by_outage == 1 else "their clients"
        parts.append(f"{count(total.cut_by_outage, 'stream')} cut when the story killed vLLM ({told} told in-band)")
    if total.refused:
        parts.append(f"{total.refused:,} refused")
    if total.unfinished:
        parts.append(f"{total.unfinished:,} of the lost never ended")
    return f"{', '.join(parts)}, at {account.rate_per_second:.1f} a second."
