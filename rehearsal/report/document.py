"""report.json, in the shape that others read it. A key is added here with a reader, never renamed."""

from dataclasses import asdict
from typing import Any

from rehearsal.report.facts import Fallback, Permissions, ReportFacts
from rehearsal.traffic.accounting import Account, StepAccount


def document(account: Account, facts: ReportFacts) -> dict[str, Any]:
    """The report as JSON values. A step without an answered request has null percentiles.

    `cut_streams` are those that nothing explains; `cut_by_outage` those that the story cut itself, by killing vLLM.
    """
    return {
        "lost": account.total.lost,
        "requests": account.total.requests,
        "cut_streams": account.total.cut,
        "duplicated": account.total.duplicated,
        "cut_by_outage": account.total.cut_by_outage,
        "fallback": _fallback(facts.fallback),
        "steps": [_step(step) for step in account.steps],
        "resources": {"realised": facts.resources.realised, "accepted_only": list(facts.resources.accepted_only)},
        "permissions": _permissions(facts.permissions),
        "not_proven": list(facts.not_proven),
        "machine": asdict(facts.machine),
    }


def _fallback(found: Fallback | None) -> dict[str, Any] | None:
    """None where the story left vLLM alone."""
    if found is None:
        return None
    return {**asdict(found), "seconds": round(found.seconds, 2), "usd_per_hour": round(found.usd_per_hour, 4)}


def _permissions(found: tuple[Permissions, ...]) -> dict[str, Any]:
    """Of all roles together, and of each."""
    roles = {one.role: {"denied": list(one.denied), "unused": list(one.unused)} for one in found}
    return {
        "denied": sorted({action for one in found for action in one.denied}),
        "unused": sorted({action for one in found for action in one.unused}),
        "roles": roles,
    }


def _step(step: StepAccount) -> dict[str, Any]:
    return {
        "name": step.window.name,
        "seconds": round(step.window.seconds, 2),
        "requests": step.tally.requests,
        "lost": step.tally.lost,
        "p50_ms": step.tally.p50_ms,
        "p95_ms": step.tally.p95_ms,
        "exit_code": step.window.exit_code,
    }
