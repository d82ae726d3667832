"""deploy-green, switchover, settle and abort: take the lock, look, refuse or plan, run. Rollback is in rollback.py.

What is decided is in gates.py, preflight.py and plans.py; what is done is in running.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from scripts.aws.model import STALE_READ_SECONDS
from scripts.errors import Refused, TaskError
from scripts.release import gates, gpus, plans, running
from scripts.release.book import Book
from scripts.release.definitions import gpus_per_task
from scripts.release.ledger import Ledger, Outcome, stamp
from scripts.release.lock import held
from scripts.release.model import Change, Placement
from scripts.release.plans import Plan
from scripts.release.ports import Site
from scripts.release.preflight import Override
from scripts.release.preparing import Prepared, prepare, require_no_objection
from scripts.release.state import State, read_patiently
from scripts.release.waiting import healthy_addresses
from scripts.release.warm import hold_left_seconds
from scripts.release.work import Work
from scripts.task_names import TaskName, command_line
from stacks.naming import Part


@dataclass(frozen=True)
class Consent:
    """What the operator allowed beforehand."""

    yes: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Done:
    """How a command ended well. `plan` is None where there was nothing to do."""

    plan: Plan | None
    release: str | None
    book: Book


def deploy_green(site: Site, change: Change, why: str, override: Override, consent: Consent) -> Done:
    """Bring a release up on the idle colour."""
    with locked(site, TaskName.DEPLOY_GREEN, why) as (work, state):
        gates.may_deploy(state.book, site.manifest.environment)
        with site.voice.step("pre-flight", "Checking what could stand against it"):
            prepared = prepare(site, state, change, why, override)
            require_no_objection(site, prepared)
        _ask_over_unsettled(site, state, consent)
        began = site.clock.monotonic()
        running.run(prepared.plan, work)
        with suppress(TaskError):
            work.ledger.mark(prepared.release.id, Outcome.CANDIDATE, seconds=site.clock.monotonic() - began)
        return Done(prepared.plan, prepared.release.id, work.book)


def foresee(site: Site, change: Change, why: str, override: Override) -> tuple[Prepared, Plan]:
    """deploy-green as it would be now, and the switchover after it. Takes no lock and changes nothing."""
    state = read_patiently(site)
    gates.may_deploy(state.book, site.manifest.environment)
    prepared = prepare(site, state, change, why, override)
    return prepared, plans.switch_after(site.manifest, state, prepared.placement, stamp(site.clock))


def conclude(site: Site, command: TaskName, consent: Consent) -> Done:
    """switchover, settle or abort. With `dry_run` it takes no lock and only plans."""
    decide = _DECISIONS[command]
    if consent.dry_run:
        state = read_patiently(site)
        plan = decide(site, state)
        return Done(plan, plan.release if plan else None, state.book)
    with locked(site, command, "") as (work, state):
        plan = decide(site, state)
        if plan is not None:
            running.run(plan, work)
        return Done(plan, plan.release if plan else None, work.book)


@contextmanager
def locked(site: Site, command: TaskName, why: str) -> Iterator[tuple[Work, State]]:
    """Hold the lock, with what runs as it was read under it."""
    with held(site, command, why) as guard:
        with site.voice.step("look", "Reading what runs"):
            state = read_patiently(site)
        yield Work(site, guard, Ledger(site.table, site.clock), state.book), state


def _switchover(site: Site, state: State) -> Plan:
    _require_ready(site, gates.candidate(state.book, site.manifest.environment))
    return plans.switch(site.manifest, state)


def _settle(site: Site, state: State) -> Plan | None:
    gates.may_settle(state.book, site.manifest.environment)
    if state.book.idle is None and state.book.operation is None:
        return None
    gates.has_no_traffic(state.book, state.weights, site.manifest.environment)
    return plans.settle(site.manifest, state, _hosts_after_settle(site, state), hold_left_seconds(site, state.book))


def _abort(site: Site, state: State) -> Plan | None:
    gates.may_abort(state.book, site.manifest.environment)
    if state.book.idle is None and state.book.operation is None:
        return None
    return plans.abort(site.manifest, state)


_DECISIONS: dict[TaskName, Callable[[Site, State], Plan | None]] = {
    TaskName.SWITCHOVER: _switchover,
    TaskName.SETTLE: _settle,
    TaskName.ABORT: _abort,
}


def _ask_over_unsettled(site: Site, state: State, consent: Consent) -> None:
    if state.book.idle is None or not state.book.is_unsettled:
        return
    placement = state.book.idle.placement
    site.voice.confirm(
        f"{placement.colour} still runs {placement.release}, the warm rollback target: deploying over it ends the "
        "warm rollback. Go on?",
        consent.yes,
    )


def _require_ready(site: Site, placement: Placement) -> None:
    """Fresh eyes on the candidate: it may have lost tasks since. A read may be from before they were all there."""
    until = site.clock.monotonic() + STALE_READ_SECONDS
    while (lacking := _lacking(site, placement)) and site.clock.monotonic() < until:
        site.clock.sleep(site.manifest.policy.poll_seconds)
    if lacking:
        raise Refused(
            f"candidate {lacking}: look at its logs, or abort it",
            command_line(TaskName.ABORT, site.manifest.environment),
        )


def _lacking(site: Site, placement: Placement) -> str:
    services = site.cloud.services()
    for part, colour in ((Part.API, placement.colour), (Part.VLLM, placement.model_colour)):
        service, healthy = services[part, colour], len(healthy_addresses(site.cloud.targets(part, colour)))
        if service.running < service.desired or healthy < max(1, service.desired):
            return f"{part} {colour} has {healthy} healthy of {service.desired} wanted tasks"
    return ""


def _hosts_after_settle(site: Site, state: State) -> int:
    per_task = gpus_per_task(state.templates[Part.VLLM])
    live = state.book.live
    tasks = state.services[Part.VLLM, live.placement.model_colour].running if live else 0
    needed = gpus.hosts_for(tasks, per_task, site.manifest.capacity.gpus_per_host)
    return max(needed, site.cloud.group().minimum)
