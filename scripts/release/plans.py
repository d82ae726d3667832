"""From state and request to a list of steps. Pure: each function answers the same plan for the same arguments.

`undo` takes the plan back from wherever it stopped; a plan without it is carried on by running `carry_on` again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from scripts.aws.model import Call
from scripts.release import book as books
from scripts.release import gates, weights
from scripts.release.book import Book, Role
from scripts.release.definitions import registration
from scripts.release.ledger import Outcome
from scripts.release.model import Content, Placement, Release
from scripts.release.state import State
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
from scripts.task_names import TaskName
from stacks.manifest import Manifest
from stacks.naming import Colour, Part


@dataclass(frozen=True)
class Plan:
    """What a command will do, in order."""

    command: TaskName
    release: str | None
    steps: tuple[Step, ...]
    undo: tuple[Step, ...] = ()
    carry_on: TaskName = TaskName.ABORT
    after_undo: str = "everything is as it was before"

    def calls(self, manifest: Manifest) -> tuple[Call, ...]:
        return tuple(call for step in self.steps for call in step.calls(manifest))


def place(book: Book, live: Content | None, content: Content, release: str) -> Placement:
    """The idle API colour; the live vLLM colour where it can serve this release too, else the free one."""
    colour = book.idle_colour
    if book.live is None or live is None:
        return Placement(release, colour, colour)
    model_colour = book.live.placement.model_colour
    return Placement(release, colour, model_colour if content.same_inference(live) else model_colour.other)


def starts_inference(book: Book, placement: Placement) -> bool:
    return book.live is None or placement.model_colour is not book.live.placement.model_colour


def wanted_count(manifest: Manifest, state: State, part: Part, colour: Colour) -> int:
    """A candidate is as large as what it replaces."""
    live = state.book.live
    running = 0
    if live is not None:
        live_colour = live.placement.colour if part is Part.API else live.placement.model_colour
        running = state.services[part, live_colour].running
    slot = manifest.slot(part, colour)
    return min(slot.maximum_count, max(slot.minimum_count, running))


@dataclass(frozen=True)
class Capacity:
    """What is to be proven of EC2: hosts more than run or are kept for us, reserved until then; see steps.Reserve."""

    hosts: int
    until: datetime
    unreserved: Mapping[str, int] = field(default_factory=dict)


def deploy(
    manifest: Manifest,
    state: State,
    release: Release,
    placement: Placement,
    capacity: Capacity,
    hold_seconds: float = 0.0,
) -> Plan:
    """Bring a release up on the idle colour, warm and checked, without traffic.

    `hold_seconds`: how long what is there must still be held, because an address may send it traffic late.
    """
    clearing = (*_held(state.book, hold_seconds), *removal(state, Outcome.SETTLED)) if state.book.idle else ()
    inference = starts_inference(state.book, placement)
    proves = inference and capacity.hosts > 0
    steps: list[Step] = [_reserve(release.id, capacity)] if proves else []
    steps += clearing
    steps.append(Record(Event.STARTING, Outcome.STARTED, release, placement))
    steps += _scale_in(manifest, state.book, allowed=False)
    if inference:
        steps += _start(manifest, state, release, placement, Part.VLLM)
    steps += [CancelReservation(release.id)] if proves else []
    steps += _start(manifest, state, release, placement, Part.API)
    steps.append(Smoke(placement, release.content.model))
    steps.append(Record(Event.READY, Outcome.CANDIDATE))
    return Plan(
        TaskName.DEPLOY_GREEN,
        release.id,
        tuple(steps),
        undo=_undeploy(manifest, state.book, placement, release.id, Outcome.FAILED),
        after_undo="the live release is as it was; the warm rollback had been ended" if clearing else Plan.after_undo,
    )


def switch(manifest: Manifest, state: State) -> Plan:
    """Give the candidate all the traffic. The caller has made sure that there is one.

    Scale-in stays suspended while an old colour is warm; a first release has none to wait for.
    """
    placement, live = _occupant(state.book), state.book.live
    before, actions = state.weights, state.rule.actions
    to = weights.all_on(placement.colour)
    hold = Hold(placement.colour, manifest.policy.hold_seconds, holding_hourly_usd(manifest, state))
    steps: list[Step] = [
        *_grown(manifest, state, placement),
        *_bounds(manifest, placement, allowed=live is None),
        MoveTraffic(weights.written(manifest, actions, to), to, before),
        VerifyTraffic(placement.colour),
        *([hold] if live else []),
        Bake(placement, manifest.policy.bake_seconds),
        Record(Event.SWITCHED, Outcome.LIVE),
    ]
    undo: list[Step] = [MoveTraffic(actions, before, None)]
    undo += [VerifyTraffic(live.placement.colour)] if live else []
    return Plan(TaskName.SWITCHOVER, placement.release, tuple(steps), undo=tuple(undo))


def switch_after(manifest: Manifest, state: State, placement: Placement, at: str) -> Plan:
    """The switchover that would follow deploy-green, for a state in which the candidate is up."""
    slots = {(Part.API, placement.colour), (Part.VLLM, placement.model_colour)}
    services = {
        slot: replace(found, desired=wanted_count(manifest, state, *slot)) if slot in slots else found
        for slot, found in state.services.items()
    }
    book = books.ready(books.starting(state.book, placement, at), at)
    return switch(manifest, replace(state, book=book, services=services))


def settle(manifest: Manifest, state: State, hosts: int, hold_seconds: float = 0.0) -> Plan:
    """End the warm rollback: the old colour drains and stops, scale-in works again, surplus hosts go."""
    steps = (
        *_held(state.book, hold_seconds),
        *removal(state, Outcome.SETTLED),
        *_scale_in(manifest, state.book, allowed=True),
        AwaitHostsGone(hosts),
    )
    release = state.book.idle.placement.release if state.book.idle else None
    return Plan(TaskName.SETTLE, release, steps, carry_on=TaskName.SETTLE)


def abort(manifest: Manifest, state: State) -> Plan:
    """Back to the live release alone, from wherever a release stopped. A roll that stopped is only forgotten."""
    book, operation = state.book, state.book.operation
    if gates.is_roll(operation):
        return Plan(TaskName.ABORT, None, ())
    steps: list[Step] = []
    if state.weights.sole is not book.home_colour:
        home = weights.all_on(book.home_colour)
        steps.append(MoveTraffic(weights.written(manifest, state.rule.actions, home), home, None))
        steps += [VerifyTraffic(book.home_colour)] if book.live else []
        steps += _held(book, manifest.policy.hold_seconds)
    steps += removal(state, Outcome.ABORTED)
    steps += _scale_in(manifest, book, allowed=True)
    release = operation.release if operation else _occupant(book).release
    steps += [CancelReservation(release)] if release else []
    return Plan(TaskName.ABORT, release, tuple(steps))


def removal(state: State, outcome: Outcome) -> tuple[Step, ...]:
    """Stop what is on the idle colour: the API first, because its last requests still need their vLLM.

    vLLM colours that the live release does not call go too, whoever left them there.
    """
    book = state.book
    live = book.live.placement.model_colour if book.live else None
    steps = [*_stop(Part.API, book.idle_colour)] if _is_used(state, Part.API, book.idle_colour) else []
    for colour in Colour:
        if colour is not live and _is_used(state, Part.VLLM, colour):
            steps += _stop(Part.VLLM, colour)
    return (*steps, Record(Event.EMPTIED, outcome)) if book.idle else tuple(steps)


def holding_hourly_usd(manifest: Manifest, state: State) -> float:
    """What the old colour's GPUs cost while they wait; nothing when both colours call the same vLLM."""
    if state.book.live is None or state.book.idle is None:
        return 0.0
    old = state.book.live.placement.model_colour
    if old is state.book.idle.placement.model_colour:
        return 0.0
    return state.services[Part.VLLM, old].running * manifest.capacity.hourly_usd / manifest.capacity.gpus_per_host


def has_candidate(book: Book) -> bool:
    return book.idle is not None and book.idle.role in (Role.CANDIDATE, Role.ROLLED_BACK)


def _reserve(release: str, capacity: Capacity) -> Reserve:
    return Reserve(release, capacity.hosts, capacity.until, capacity.unreserved)


def _start(manifest: Manifest, state: State, release: Release, placement: Placement, part: Part) -> tuple[Step, ...]:
    """The minimum stays 0 until the candidate is live: autoscaling must not start the old revision by itself."""
    colour = placement.colour if part is Part.API else placement.model_colour
    slot, count = manifest.slot(part, colour), wanted_count(manifest, state, part, colour)
    return (
        Register(part, colour, registration(manifest, state.templates[part], release, placement, part)),
        Bound(part, colour, 0, slot.maximum_count, scale_in=False),
        Scale(part, colour, count, Made(part, colour)),
        AwaitRunning(part, colour, count),
    )


def _is_used(state: State, part: Part, colour: Colour) -> bool:
    """Named by the book, or found running: a read may be too old to show what was started just now."""
    service, idle = state.services[part, colour], state.book.idle
    named = idle is not None and colour is (idle.placement.colour if part is Part.API else idle.placement.model_colour)
    return named or service.desired + service.running + service.pending > 0


def _stop(part: Part, colour: Colour) -> tuple[Step, ...]:
    return (Bound(part, colour, 0, 0, scale_in=True), Scale(part, colour, 0), AwaitStopped(part, colour))


def _grown(manifest: Manifest, state: State, placement: Placement) -> Iterable[Step]:
    """Live may have scaled out since the candidate was started."""
    for part, colour in ((Part.VLLM, placement.model_colour), (Part.API, placement.colour)):
        count = wanted_count(manifest, state, part, colour)
        if state.services[part, colour].desired < count:
            yield Scale(part, colour, count)
            yield AwaitRunning(part, colour, count)


def _undeploy(manifest: Manifest, book: Book, placement: Placement, release: str, outcome: Outcome) -> tuple[Step, ...]:
    """Counts back to 0, bounds too; the live vLLM is never among them."""
    stops = list(_stop(Part.API, placement.colour))
    left = {placement.model_colour, *([book.idle.placement.model_colour] if book.idle else [])}
    for colour in sorted(left - {book.live.placement.model_colour if book.live else None}):
        stops += _stop(Part.VLLM, colour)
    cancel = CancelReservation(release)
    return (*stops, cancel, Record(Event.EMPTIED, outcome), *_scale_in(manifest, book, allowed=True))


def _held(book: Book, seconds: float) -> tuple[Step, ...]:
    """An address may apply the weights late, and then fall back: what it falls back to must still be there."""
    return (Hold(book.live.placement.colour, seconds, 0.0),) if book.live and seconds > 0 else ()


def _scale_in(manifest: Manifest, book: Book, *, allowed: bool) -> tuple[Step, ...]:
    return _bounds(manifest, book.live.placement, allowed=allowed) if book.live else ()


def _bounds(manifest: Manifest, placement: Placement, *, allowed: bool) -> tuple[Step, ...]:
    colours = {Part.API: placement.colour, Part.VLLM: placement.model_colour}
    slots = {part: manifest.slot(part, colour) for part, colour in colours.items()}
    return tuple(
        Bound(part, colours[part], slot.minimum_count, slot.maximum_count, scale_in=allowed)
        for part, slot in slots.items()
    )


def _occupant(book: Book) -> Placement:
    if book.idle is None:
        raise ValueError(f"the idle colour is empty: {book}")
    return book.idle.placement
