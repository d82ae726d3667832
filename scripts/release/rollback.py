"""Rollback: one write, at once. It waits for nobody's lock and needs no more than the rule.

It raises the fence so that a running deployer stops, writes, proves the write by asking every address, and then
watches the rule, because one call of a deployer may still have been in flight.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from scripts.aws.model import STALE_READ_SECONDS, Rule
from scripts.errors import HalfWay, Refused, TaskError, Transient
from scripts.release import book as books
from scripts.release import traffic, weights
from scripts.release.book import Book, Role
from scripts.release.control import Control, State
from scripts.release.ledger import Ledger, Outcome, stamp
from scripts.release.ports import Site
from scripts.release.rollback_target import Asked, Settled, Target, cold_path, decide
from scripts.release.traffic_steps import MoveTraffic
from scripts.release.waiting import healthy_addresses
from scripts.task_names import TaskName, command_line
from stacks.naming import Colour, Part

_ATTEMPTS = 4
_PAUSE_SECONDS = 0.2
_RECORD_ATTEMPTS = 3
_T = TypeVar("_T")


@dataclass(frozen=True)
class Seen:
    """One parallel look. None stands for what did not answer."""

    control: State | None
    rule: Rule
    healthy: dict[Colour, int | None]
    key: str


@dataclass(frozen=True)
class RolledBack:
    """How it ended. `step` is None where it was already so."""

    target: Target
    step: MoveTraffic | None = None


def rollback(site: Site, asked: Asked) -> RolledBack:
    """Raises Refused where the target cannot serve or does not exist, HalfWay where the proof is missing."""
    environment = site.manifest.environment
    seen = _look(site)
    try:
        target = decide(seen.control.book if seen.control else None, asked, environment)
    except Settled as settled:
        raise cold_path(settled.release, Ledger(site.table, site.clock).entry(settled.release), environment) from None
    if target.release:
        site.voice.about(target.release)
    if target.already:
        return RolledBack(target)
    if not asked.force:
        _require_able(site, seen, target)
    to = weights.all_on(target.colour)
    step = MoveTraffic(weights.written(site.manifest, seen.rule.actions, to), to, None)
    if not asked.dry_run:
        _act(site, target, step, seen.key)
    return RolledBack(target, step)


def _look(site: Site) -> Seen:
    """Everything at once: the time until the write is what a rollback is measured by."""
    with ThreadPoolExecutor(max_workers=5) as pool:
        rule = pool.submit(site.cloud.traffic_rule)
        control = pool.submit(_or_none, Control(site.table).read)
        healthy = {colour: pool.submit(_healthy, site, colour) for colour in Colour}
        key = pool.submit(_or_none, lambda: site.cloud.smoke_key)
        found = {colour: future.result() for colour, future in healthy.items()}
        return Seen(control.result(), rule.result(), found, key.result() or "")


def _healthy(site: Site, colour: Colour) -> int | None:
    return _or_none(lambda: len(healthy_addresses(site.cloud.targets(Part.API, colour))))


def _require_able(site: Site, seen: Seen, target: Target) -> None:
    """Only a step from something to nothing is refused; unknown health stops nobody."""
    here, there = seen.healthy[target.colour.other], seen.healthy[target.colour]
    advice = command_line(TaskName.STATUS, site.manifest.environment)
    if there == 0 and here:
        raise Refused(
            f"{target.colour} has no healthy task and {target.colour.other} has {here}: going there would be an outage "
            "(--force does it all the same)",
            advice,
        )
    if seen.control is not None and _is_being_stopped(site, seen.control.book, target.colour):
        raise Refused(
            f"{target.colour} is being stopped by an unfinished command: its tasks are about to go "
            "(--force does it all the same)",
            advice,
        )


def _is_being_stopped(site: Site, book: Book, colour: Colour) -> bool:
    """Targets stay healthy for a moment after their service was told to stop."""
    stopping = book.operation is not None and book.idle is not None and book.idle.role is Role.PREVIOUS
    if not stopping or book.idle is None or book.idle.placement.colour is not colour:
        return False
    services = _or_none(site.cloud.services)
    return services is not None and services[Part.API, colour].desired == 0


def _act(site: Site, target: Target, step: MoveTraffic, key: str) -> None:
    who = f"rollback to {target.colour} from {site.host}, {stamp(site.clock)}"
    again = command_line(TaskName.ROLLBACK, site.manifest.environment, "--to", str(target.colour))
    try:
        with site.voice.step("write", step.saying):
            _or_none(lambda: Control(site.table).raise_fence(who, hasty=True))
            _write(site, step)
            wrote_at = site.clock.monotonic()
            _record(site, target, who)
        with site.voice.step("verify", f"Asking every address of the door until only {target.colour} answers"):
            _verify(site, target.colour, key, again)
        with site.voice.step("watch", f"Watching the rule for {site.manifest.policy.rollback_watch_seconds:g} s"):
            _watch(site, step, wrote_at)
    except KeyboardInterrupt:
        raise HalfWay(f"rollback to {target.colour} was stopped by a signal before it was proven", again) from None


def _write(site: Site, step: MoveTraffic) -> None:
    (call,) = step.calls(site.manifest)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            site.cloud.write(call)
        except Transient as error:
            if attempt == _ATTEMPTS:
                raise
            site.voice.say(f"{error}; trying again")
            site.clock.sleep(_PAUSE_SECONDS * attempt)
        else:
            return


def _verify(site: Site, colour: Colour, key: str, again: str) -> None:
    """Any answer that names its colour counts: whether the target is well is not asked here."""
    policy, clock = site.manifest.policy, site.clock
    until = clock.monotonic() + policy.switch_timeout_seconds
    streaks = dict.fromkeys(site.door.addresses(), 0)
    while min(streaks.values()) < policy.probe_answers:
        late = traffic.ask_round(site, streaks, colour, key, any_status=True)
        if clock.monotonic() >= until:
            seconds = f"{policy.switch_timeout_seconds:g} s"
            raise HalfWay(f"the rule is written, but after {seconds} not every address follows: {late}", again)
        if late:
            clock.sleep(min(_PAUSE_SECONDS, policy.poll_seconds))


def _watch(site: Site, step: MoveTraffic, wrote_at: float) -> None:
    """A read may show the rule from before our write for a while; what differs after that is somebody's change."""
    clock, policy = site.clock, site.manifest.policy
    until = max(wrote_at + policy.rollback_watch_seconds, clock.monotonic() + policy.poll_seconds)
    while clock.monotonic() < until:
        clock.sleep(policy.poll_seconds)
        asked_at = clock.monotonic()
        found = _or_none(lambda: traffic.read_weights(site))
        if found is not None and found != step.to and asked_at - wrote_at > STALE_READ_SECONDS:
            site.voice.warn(f"somebody changed the rule to {found}: writing again")
            _write(site, step)
            wrote_at = clock.monotonic()


def _record(site: Site, target: Target, who: str) -> None:
    """Tell the ledger, unless it does not answer: the weights are the truth, the ledger follows."""
    control, ledger = Control(site.table), Ledger(site.table, site.clock)
    for _ in range(_RECORD_ATTEMPTS):
        with suppress(TaskError):
            seen = control.read()
            told = _told(seen.book, target.colour, stamp(site.clock))
            if told is not None:
                control.keep(seen.fence, told)
                _mark(ledger, seen.book, told, who)
            return
    site.voice.warn("the ledger was not told: `fab status` shows what the weights say")


def _told(book: Book, colour: Colour, at: str) -> Book | None:
    """The book after traffic went to a colour; None where it says so already."""
    unfinished = book.operation is not None and book.operation.command is TaskName.SWITCHOVER
    if book.live is not None and book.live.placement.colour is colour:
        return books.switch_undone(book, at) if unfinished and book.idle else None
    if book.idle is not None and book.idle.placement.colour is colour:
        return books.rolled_back(book, at)
    return None


def _mark(ledger: Ledger, before: Book, told: Book, who: str) -> None:
    if told.live is not None and told.live != before.live:
        ledger.mark(told.live.placement.release, Outcome.LIVE, who)
    if told.idle is not None:
        ledger.mark(told.idle.placement.release, Outcome.ROLLED_BACK, who)


def _or_none(read: Callable[[], _T]) -> _T | None:
    """Best effort: a rollback does not wait for what it can do without."""
    try:
        return read()
    except TaskError:
        return None
