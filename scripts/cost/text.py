"""A bill as text and as an object for `--json`. Pure."""

from collections.abc import Iterable
from typing import Any

from scripts.cost.model import ARTICLE_HOURS_A_MONTH, HOURS_A_MONTH, Bill, Kind, Price, PricedLine, PricedUse

_NO_PRICE = "not priced"


def text(bill: Bill) -> str:
    """What `fab stack.cost` prints."""
    return "\n".join((_head(bill), "", *_fixed(bill), "", *_used(bill), "", *_summary(bill)))


def body(bill: Bill) -> dict[str, Any]:
    """The `--json` object. Amounts are US dollars; None where there is no price."""
    return {
        "environment": bill.environment,
        "region": bill.region,
        "hours_a_month": HOURS_A_MONTH,
        "lines": [_line_object(one) for one in bill.lines],
        "uses": [_use_object(one) for one in bill.uses],
        "idle_monthly_usd": bill.idle_monthly_usd(),
        "releasing_monthly_usd": bill.releasing_monthly_usd,
        "release_hour_usd": bill.release_hour_usd,
        "used_monthly_usd": bill.used_monthly_usd,
        "unpriced": bill.unpriced,
        "free": dict(bill.free),
        "prices": {one.key: _price_object(one) for one in bill.prices},
    }


def _head(bill: Bill) -> str:
    if bill.environment == "rehearsal":
        return "rehearsal costs nothing where it runs; in AWS the same would be, in US dollars:"
    return (
        f"{bill.environment} in {bill.region}, in US dollars: list prices without taxes, discounts and free allowances"
    )


def _fixed(bill: Bill) -> Iterable[str]:
    yield f"{'':48}{'at rest (one colour)':>28}{'during a release (both)':>32}"
    yield f"{'':48}{'count':>8}{'$/hour':>10}{'$/month':>10}{'count':>12}{'$/hour':>10}{'$/month':>10}"
    for one in bill.lines:
        idle, releasing = (_amounts(one, count) for count in (one.line.idle, one.line.releasing))
        yield f"{one.line.what:48}{one.line.idle:>8g}{idle}{one.line.releasing:>12g}{releasing}{_mark(one.price)}"
    idle_usd, releasing_usd = bill.idle_monthly_usd(), bill.releasing_monthly_usd
    yield (
        f"{'sum':48}{'':8}{idle_usd / HOURS_A_MONTH:>10.4f}{idle_usd:>10.2f}"
        f"{'':12}{releasing_usd / HOURS_A_MONTH:>10.4f}{releasing_usd:>10.2f}"
    )


def _amounts(one: PricedLine, count: float) -> str:
    hourly, monthly = one.hourly_usd(count), one.monthly_usd(count)
    return f"{_NO_PRICE:>20}" if hourly is None or monthly is None else f"{hourly:>10.4f}{monthly:>10.2f}"


def _mark(price: Price) -> str:
    return "  price from the settings" if price.kind is Kind.SETTINGS else ""


def _used(bill: Bill) -> Iterable[str]:
    yield f"{'by use, in a month':38}{'quantity':>10} {'unit':19}{'$/month':>10}  assuming"
    for one in bill.uses:
        amount = _NO_PRICE if one.monthly_usd is None else f"{one.monthly_usd:.2f}"
        yield f"{one.use.what:38}{one.use.monthly:>10.2f} {one.price.unit:19}{amount:>10}  {one.use.because}"
    yield f"{'sum':38}{'':10} {'':19}{bill.used_monthly_usd:>10.2f}"


def _summary(bill: Bill) -> Iterable[str]:
    at_rest, used = bill.idle_monthly_usd(), bill.used_monthly_usd
    articles = bill.idle_monthly_usd(ARTICLE_HOURS_A_MONTH) + used
    yield (
        f"At rest and with this use: ${at_rest + used:,.2f} a month of {HOURS_A_MONTH} hours "
        f"(${articles:,.2f} of {ARTICLE_HOURS_A_MONTH}, as the articles count)."
    )
    yield (
        f"An hour of a release costs ${bill.release_hour_usd:.2f} more where API and model change; "
        "one that changes only the API needs no second GPU."
    )
    yield from _reservation(bill)
    if bill.request_usd:
        yield (
            f"OpenAI would take ${bill.request_usd:.5f} a request: what stands at rest costs as much as "
            f"{at_rest / bill.request_usd:,.0f} requests a month, before people's time."
        )
    for one in bill.prices:
        if one.kind is Kind.SETTINGS:
            yield (
                f"{one.key} at ${one.usd:g} a {one.unit} in {one.region} is {one.source}, in no table: compare it with "
                f"{one.check}."
            )
    for what, why in bill.unpriced.items():
        yield f"Not in the sums: {what} ({why})."
    yield _secondary(bill.prices)
    yield "Sources and dates of the prices: scripts/cost/prices.toml."


def _reservation(bill: Bill) -> Iterable[str]:
    for one in bill.reservable:
        saved = one.saved_monthly_usd
        if saved is not None:
            count, price = one.hosts.line.idle, one.reserved
            doubt = " (the articles' price, unconfirmed)" if price.kind is Kind.ARTICLE else ""
            offer = f"{count:g} host{'' if count == 1 else 's'} for a year at ${price.usd:g} an hour"
            yield f"Reserving {offer} would save ${saved:,.2f} a month{doubt}."


def _secondary(prices: Iterable[Price]) -> str:
    known = [one for one in prices if one.usd is not None and one.kind is not Kind.SETTINGS]
    second_hand = sum(one.kind is not Kind.PRIMARY for one in known)
    return (
        f"{second_hand} of the {len(known)} prices are second-hand: look at the seller's own pages before it matters."
    )


def _line_object(one: PricedLine) -> dict[str, Any]:
    return {
        "what": one.line.what,
        "price": one.price.key,
        "idle": {"count": one.line.idle, "monthly_usd": one.monthly_usd(one.line.idle)},
        "releasing": {"count": one.line.releasing, "monthly_usd": one.monthly_usd(one.line.releasing)},
    }


def _use_object(one: PricedUse) -> dict[str, Any]:
    return {
        "what": one.use.what,
        "price": one.price.key,
        "monthly": one.use.monthly,
        "because": one.use.because,
        "monthly_usd": one.monthly_usd,
    }


def _price_object(price: Price) -> dict[str, Any]:
    return {
        "usd": price.usd,
        "unit": price.unit,
        "region": price.region,
        "source": price.source,
        "as_of": str(price.as_of) if price.as_of else None,
        "kind": price.kind,
    }
