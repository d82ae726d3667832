"""Rollback: one write, at once. It waits for nobody's lock and needs no more than the rule.

It raises the fence so that a running deployer stops, asks the ledger once more what that deployer had begun, writes,
proves the write by asking every address, and then watches the rule, because one call may still have been in flight.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from scripts.aws.model import STALE_READ_SECONDS, Rule
from scripts.errors import HalfWay, Refused, TaskError, Transient
from scripts.release import traffic, weights
from scripts.release.book import Book
from scripts.release.control import Control, State
from scripts.release.ledger import Ledger, Outcome, stamp
from scripts.release.ports import DoorClosed, Site
from scripts.release.rollback_target import (
    Asked,
    Settled,
    Target,
    book_after,
    cold_path,
    decide,
    is_being_cleared,
    is_being_stopped,
    release_on,
)
from scripts.release.traffic_steps import MoveTraffic
from scripts.release.waiting import healthy_addresses
from scripts.task_names import TaskName, command_line
from stacks.naming import Colour, Part

_ATTEMPTS = 4
_PAUSE_SECONDS = 0.2
_RECORD_ATTEMPTS = 3
# Real seconds, by no clock that a test moves. Without a colour the ledger must say where to go, so it gets longer.
_PATIENCE_SECONDS = 1.0
_LEDGER_SECONDS = 5.0
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
    seen = _look(site, _PATIENCE_SECONDS if asked.to else _LEDGER_SECONDS)
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
        _act(site, asked, target, step, seen.key)
    return RolledBack(target, step)


def _look(site: Site, ledger_seconds: float) -> Seen:
    """Everything at once. Only the rule is waited for: once it is there, the others get little more time."""
    rule = _begun(site.cloud.traffic_rule)
    control = _begun(Control(site.table).read)
    healthy = {colour: _begun(_counting(site, colour)) for colour in Colour}
    key = _begun(lambda: site.cloud.smoke_key)
    found = rule.result()
    answered = time.monotonic()
    soon = answered + _PATIENCE_SECONDS
    return Seen(
        _until(answered + ledger_seconds, control),
        found,
        {colour: _until(soon, count) for colour, count in healthy.items()},
        _until(soon, key) or "",
    )


def _counting(site: Site, colour: Colour) -> Callable[[], int]:
    return lambda: len(healthy_addresses(site.cloud.targets(Part.API, colour)))


def _require_able(site: Site, seen: Seen, target: Target) -> None:
    """Only a step from something to nothing is refused; unknown health stops nobody."""
    here, there = seen.healthy[target.colour.other], seen.healthy[target.colour]
    if there == 0 and here:
        raise Refused(
            f"{target.colour} has no healthy task and {target.colour.other} has {here}: going there would be an outage "
            "(--force does it all the same)",
            command_line(TaskName.STATUS, site.manifest.environment),
        )
    if seen.control is not None and _is_stopping(site, seen.control.book, target.colour):
        raise _stopping(site, target.colour)


def _require_still_able(site: Site, target: Target) -> None:
    """What the ledger says now is final: whoever was stopping the colour has lost the lock."""
    state = _soon(Control(site.table).read)
    if state is None:
        return
    if is_being_stopped(state.book, target.colour):
        raise _stopping(site, target.colour)
    if target.release and release_on(state.book, target.colour) != target.release:
        raise Refused(
            f"{target.release} was taken from {target.colour} just now: no weight was written "
            "(--force does it all the same)",
            command_line(TaskName.STATUS, site.manifest.environment),
        )


def _is_stopping(site: Site, book: Book, colour: Colour) -> bool:
    """A command that is run again begins with its first step, although its colour was told to stop before."""
    if is_being_stopped(book, colour):
        return True
    services = _soon(site.cloud.services) if is_being_cleared(book, colour) else None
    return services is not None and services[Part.API, colour].desired == 0


def _stopping(site: Site, colour: Colour) -> Refused:
    return Refused(
        f"{colour} is being stopped by an unfinished command: its tasks are about to go, no weight was written "
        "(--force does it all the same)",
        command_line(TaskName.STATUS, site.manifest.environment),
    )


def _act(site: Site, asked: Asked, target: Target, step: MoveTraffic, key: str) -> None:
    who = f"rollback to {target.colour} from {site.host}, {stamp(site.clock)}"
    again = command_line(TaskName.ROLLBACK, site.manifest.environment, "--to", str(target.colour))
    with site.voice.step("write", step.saying):
        with _else_half_way(target, again):
            raised = _soon(lambda: Control(site.table).raise_fence(who, hasty=True))
        if raised is not None and not asked.force:
            _require_still_able(site, target)
        with _else_half_way(target, again):
            _write(site, step)
            wrote_at = site.clock.monotonic()
    with _else_half_way(target, again), _recorded(site, target, who):
        with site.voice.step("verify", f"Asking every address of the door until only {target.colour} answers"):
            _verify(site, target.colour, key, again)
        with site.voice.step("watch", f"Watching the rule for {site.manifest.policy.rollback_watch_seconds:g} s"):
            _watch(site, step, wrote_at)


@contextmanager
def _else_half_way(target: Target, again: str) -> Iterator[None]:
    """From the fence on, no end but a good one means that nothing was changed."""
    try:
        yield
    except HalfWay:
        raise
    except KeyboardInterrupt:
        raise HalfWay(f"rollback to {target.colour} was stopped by a signal before it was proven", again) from None
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise HalfWay(f"rollback to {target.colour} failed before it was proven: {why}", again) from error


@contextmanager
def _recorded(site: Site, target: Target, who: str) -> Iterator[None]:
    """Tell the ledger beside the proof: the weights are the truth, the ledger follows."""
    telling = _begun(lambda: _record(site, target, who))
    _until(time.monotonic() + _PATIENCE_SECONDS, telling)
    try:
        yield
    finally:
        if not _until(time.monotonic(), telling):
            site.voice.warn("the ledger was not told: `fab status` shows what the weights say")


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
    streaks: dict[str, int] = {}
    while not streaks or min(streaks.values()) < policy.probe_answers:
        late = _ask_round(site, streaks, colour, key)
        if clock.monotonic() >= until:
            seconds = f"{policy.switch_timeout_seconds:g} s"
            raise HalfWay(f"the rule is written, but after {seconds} not every address follows: {late}", again)
        if late:
            clock.sleep(min(_PAUSE_SECONDS, policy.poll_seconds))


def _ask_round(site: Site, streaks: dict[str, int], colour: Colour, key: str) -> str:
    """A name that does not resolve is late like an address that does not answer."""
    if not streaks:
        try:
            streaks.update(dict.fromkeys(site.door.addresses(), 0))
        except DoorClosed as error:
            return str(error)
    return traffic.ask_round(site, streaks, colour, key, any_status=True) if streaks else "the door has no address"


def _watch(site: Site, step: MoveTraffic, wrote_at: float) -> None:
    """A read may show the rule from before our write for a while; what differs after that is somebody's change."""
    clock, policy = site.clock, site.manifest.policy
    until = max(wrote_at + policy.rollback_watch_seconds, clock.monotonic() + policy.poll_seconds)
    while clock.monotonic() < until:
        clock.sleep(policy.poll_seconds)
        asked_at = clock.monotonic()
        found = step.to
        with suppress(TaskError):
            found = traffic.read_weights(site)
        if found != step.to and asked_at - wrote_at > STALE_READ_SECONDS:
            site.voice.warn(f"somebody changed the rule to {found}: writing again")
            _write(site, step)
            wrote_at = clock.monotonic()


def _record(site: Site, target: Target, who: str) -> bool:
    """Whether the ledger was told."""
    control, ledger = Control(site.table), Ledger(site.table, site.clock)
    for _ in range(_RECORD_ATTEMPTS):
        with suppress(TaskError):
            seen = control.read()
            told = book_after(seen.book, target.colour, stamp(site.clock))
            if told is not None:
                control.keep(seen.fence, told)
                _mark(ledger, seen.book, told, who)
            return True
    return False


def _mark(ledger: Ledger, before: Book, told: Book, who: str) -> None:
    if told.live is not None and told.live != before.live:
        ledger.mark(told.live.placement.release, Outcome.LIVE, who)
    if told.idle is not None:
        ledger.mark(told.idle.placement.release, Outcome.ROLLED_BACK, who)


def _begun(read: Callable[[], _T]) -> "Future[_T]":
    """In a thread of its own, which nobody waits for: not here, and not at the end of the process."""
    answer: Future[_T] = Future()

    def run() -> None:
        try:
            answer.set_result(read())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return answer


def _until(at: float, answer: "Future[_T]") -> _T | None:
    """Best effort: None for what failed, whyever, or did not come in time."""
    try:
        return answer.result(max(0.0, at - time.monotonic()))
    except Exception:
        return None


def _soon(read: Callable[[], _T]) -> _T | None:
    return _until(time.monotonic() + _PATIENCE_SECONDS, _begun(read))
