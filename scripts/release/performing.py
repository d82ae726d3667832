"""Carrying steps out: one function for each kind of step. What to do was decided in plans.py."""

from collections.abc import Callable
from typing import Any

from scripts.release import book as books
from scripts.release import reserving, rolling, smoke, traffic, waiting
from scripts.release.book import Book, Role
from scripts.release.ledger import Outcome, stamp
from scripts.release.restart_steps import AwaitRolled, Roll, WriteSecret
from scripts.release.steps import (
    AwaitHostsGone,
    AwaitRunning,
    AwaitStopped,
    Bound,
    CancelReservation,
    Event,
    Made,
    Record,
    Register,
    Reserve,
    Scale,
    Smoke,
    Step,
)
from scripts.release.traffic_steps import Bake, Hold, MoveTraffic, VerifyTraffic
from scripts.release.work import Work
from stacks.naming import Part


def perform(step: Step, work: Work) -> None:
    """Raises StepFailed, Refused, Superseded or AwsFailed."""
    _PERFORMERS[type(step)](step, work)


def _register(step: Register, work: Work) -> None:
    (call,) = step.calls(work.site.manifest)
    answer = work.write(call)
    work.made[Made(step.part, step.colour)] = answer["taskDefinition"]["taskDefinitionArn"]


def _write(step: Step, work: Work) -> None:
    for call in step.calls(work.site.manifest):
        work.write(call)


def _scale(step: Scale, work: Work) -> None:
    """An API colour that has weight is never stopped, whatever the plan says."""
    if step.part is Part.API and step.count == 0:
        traffic.require_none(work, step.colour)
    _write(step, work)


def _await_running(step: AwaitRunning, work: Work) -> None:
    made = work.made.get(Made(step.part, step.colour))
    definition = made or work.site.cloud.services()[step.part, step.colour].definition
    waiting.await_running(work, step.part, step.colour, step.count, definition)


def _roll(step: Roll, work: Work) -> None:
    """The answer names the deployment that the call began: the only thing that tells new tasks from old ones."""
    (call,) = step.calls(work.site.manifest)
    deployments = work.write(call)["service"]["deployments"]
    work.forced[step.part, step.colour] = next(found["id"] for found in deployments if found["status"] == "PRIMARY")


def _await_rolled(step: AwaitRolled, work: Work) -> None:
    rolling.await_rolled(work, step.part, step.colour, work.forced[step.part, step.colour])


def _await_stopped(step: AwaitStopped, work: Work) -> None:
    waiting.await_stopped(work, step.part, step.colour)


def _await_hosts_gone(step: AwaitHostsGone, work: Work) -> None:
    """Not a failure when they stay: managed scale-in takes its time, and the operator is told what it costs."""
    clock, manifest = work.site.clock, work.site.manifest
    until = clock.monotonic() + manifest.policy.settle_timeout_seconds
    while len(hosts := [h for h in work.site.cloud.hosts() if h.gpus]) > step.hosts:
        if clock.monotonic() >= until:
            hourly = (len(hosts) - step.hosts) * manifest.capacity.hourly_usd
            for host in sorted(hosts, key=lambda h: h.tasks)[: len(hosts) - step.hosts]:
                why = (
                    f"{host.tasks} tasks still on it" if host.tasks else "empty, managed scale-in has not taken it yet"
                )
                work.site.voice.say(f"host {host.instance_id} stays: {why}")
            work.site.voice.say(f"surplus hosts cost ${hourly:.2f}/h until they go")
            return
        work.poll()


def _smoke(step: Smoke, work: Work) -> None:
    addresses = smoke.smoke(work.site, step.placement, step.model, warm_up=True)
    work.site.voice.say(f"{addresses} addresses answered as {step.placement.release}")


def _record(step: Record, work: Work) -> None:
    at = stamp(work.site.clock)
    before = work.book
    if step.release is not None:
        work.ledger.add(step.release)
    _mark(step, work, before)
    work.keep(_told(step, before, at))


def _told(step: Record, book: Book, at: str) -> Book:
    if step.event is Event.STARTING and step.placement is not None:
        return books.starting(book, step.placement, at)
    transitions: dict[Event, Callable[[], Book]] = {
        Event.READY: lambda: books.ready(book, at),
        Event.SWITCHED: lambda: books.switched(book, at),
        Event.EMPTIED: lambda: books.emptied(book),
    }
    return transitions[step.event]()


def _mark(step: Record, work: Work, book: Book) -> None:
    """What became of the occupant, and of the release that it replaces."""
    if step.event is Event.STARTING or book.idle is None:
        return
    kept = {Role.PREVIOUS: Outcome.SETTLED, Role.ROLLED_BACK: Outcome.ROLLED_BACK}
    outcome = kept.get(book.idle.role, step.outcome) if step.event is Event.EMPTIED else step.outcome
    work.ledger.mark(book.idle.placement.release, outcome)
    if step.event is Event.SWITCHED and book.live is not None:
        work.ledger.mark(book.live.placement.release, Outcome.REPLACED)


_PERFORMERS: dict[type[Step], Callable[[Any, Work], None]] = {
    Reserve: reserving.reserve,
    CancelReservation: reserving.cancel,
    Register: _register,
    Bound: _write,
    Scale: _scale,
    AwaitRunning: _await_running,
    AwaitStopped: _await_stopped,
    AwaitHostsGone: _await_hosts_gone,
    WriteSecret: _write,
    Roll: _roll,
    AwaitRolled: _await_rolled,
    Smoke: _smoke,
    Record: _record,
    MoveTraffic: lambda step, work: traffic.move(work, step),
    VerifyTraffic: lambda step, work: traffic.verify(work, step),
    Hold: lambda step, work: traffic.hold(work, step),
    Bake: lambda step, work: traffic.bake(work, step),
}
