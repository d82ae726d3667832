"""A plan to reserve as text, as an object, and as the question before money is spent. Pure."""

from typing import Any

from scripts.aws.terms import Bought
from scripts.capacity.break_even import Comparison
from scripts.capacity.planning import Plan

_HEAD = ("payment", "at once", "per hour", "in all", "in effect", "saves", "money back", "pays above")


def text(plan: Plan) -> str:
    capacity, days = plan.manifest.capacity, plan.comparisons[0].offer.terms.days
    on_demand = capacity.hourly_usd * 24 * days * max(1, plan.count)
    hosts = max(1, plan.count)
    lines = [
        f"{plan.manifest.environment}: {_subject(plan)}",
        f"on demand: ${capacity.hourly_usd:.3f}/h a host, {_money(on_demand)} in {days:.0f} days for {hosts}",
        "",
        *_table([_HEAD, *(_row(found, hosts) for found in plan.comparisons)]),
        "",
        *_bought(plan.bought, capacity.instance_type),
    ]
    if plan.volume.percent is not None:
        lines.append(f"Volume: {plan.volume}")
    return "\n".join(lines)


def body(plan: Plan) -> dict[str, Any]:
    return {
        "environment": plan.manifest.environment,
        "instance_type": plan.manifest.capacity.instance_type,
        "on_demand_hourly_usd": plan.manifest.capacity.hourly_usd,
        "needed_hosts": plan.need.hosts,
        "count": plan.count,
        "offers": [_offer(found, plan.count) for found in plan.comparisons],
        "reserved": [reserved(found) for found in plan.bought],
        "volume_varies_percent": plan.volume.percent,
        "warnings": list(plan.warnings),
    }


def question(plan: Plan, found: Comparison) -> str:
    """What is bought, what it costs, and that there is no way back."""
    offer, count = found.offer, plan.count
    return (
        f"Buy {count} x {offer.terms}, in account {plan.manifest.account_id}, {plan.manifest.region}: "
        f"{_money(offer.upfront_usd * count)} at once and ${offer.hourly_usd * count:.3f}/h for {offer.terms.days:.0f} "
        f"days, {_money(found.total_usd * count)} in all. It cannot be cancelled. Buy?"
    )


def reserved(found: Bought) -> dict[str, Any]:
    return {
        "id": found.id,
        "count": found.count,
        "terms": str(found.terms),
        "state": found.state,
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
    }


def reserved_line(found: Bought) -> str:
    return f"{found.count} x {found.terms}: {found.state} until {found.end:%Y-%m-%d} ({found.id})"


def _subject(plan: Plan) -> str:
    kind, need = plan.manifest.capacity.instance_type, plan.need
    if plan.count == 0:
        return (
            f"{need.hosts} x {kind} needed ({need.source}), {plan.paid_hosts} reserved: nothing to buy. For one host:"
        )
    source = "as asked" if plan.wish.count is not None else f"{need.hosts} by {need.source}, {plan.paid_hosts} reserved"
    where = plan.wish.zone or f"anywhere in {plan.manifest.region}"
    years = f"{plan.wish.years} year{'s' if plan.wish.years > 1 else ''}"
    return f"{plan.count} x {kind} ({source}), {years}, {plan.wish.offering_class}, {where}"


def _row(found: Comparison, count: int) -> tuple[str, ...]:
    share = found.break_even_share
    return (
        found.offer.terms.payment,
        _money(found.offer.upfront_usd * count),
        f"${found.offer.hourly_usd * count:.3f}",
        _money(found.total_usd * count),
        f"${found.hourly_usd:.3f}/h each",
        f"{_money(found.saving_usd * count)} ({100 * found.saving_share:.0f} %)",
        f"day {found.break_even_day}" if found.break_even_day else "never",
        f"{100 * share:.0f} % of the hours",
    )


def _offer(found: Comparison, count: int) -> dict[str, Any]:
    return {
        "offer": found.offer.id,
        "terms": str(found.offer.terms),
        "upfront_usd": found.offer.upfront_usd,
        "hourly_usd": found.offer.hourly_usd,
        "effective_hourly_usd": round(found.hourly_usd, 6),
        "total_usd": round(found.total_usd * count, 2),
        "saving_usd": round(found.saving_usd * count, 2),
        "saving_percent": round(100 * found.saving_share, 1),
        "break_even_day": found.break_even_day,
        "break_even_percent_of_hours": round(100 * found.break_even_share, 1),
    }


def _bought(bought: tuple[Bought, ...], kind: str) -> list[str]:
    if not bought:
        return [f"Reserved in this account: no {kind}"]
    return ["Reserved in this account:", *(f"  {reserved_line(found)}" for found in bought)]


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _money(usd: float) -> str:
    return f"{'-' if usd < 0 else ''}${abs(usd):,.2f}"
