"""The lease lock: taking it, keeping it alive, and proving before each write that it is still ours.

An AWS write cannot be fenced, so each follows a conditional ledger write of its intent, and is not made when that
is older than `intent_valid_seconds`. What remains is the one call that is in flight while the fence rises.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from scripts.errors import ConditionFailed, Refused, Superseded, TaskError
from scripts.release.book import Book
from scripts.release.control import Control, Lease, State
from scripts.release.ports import Clock, Site
from scripts.task_names import TaskName, command_line

_BEATS_A_LEASE = 3
_LOOKS_A_LEASE = 10


class Guard:
    """The lock in our hands. `lost` is set as soon as a heartbeat finds the fence raised."""

    def __init__(self, control: Control, clock: Clock, fence: int, valid_seconds: float, environment: str) -> None:
        self._control = control
        self._clock = clock
        self._fence = fence
        self._valid_seconds = valid_seconds
        self._environment = environment
        self.lost = threading.Event()

    def intend(self, intent: str) -> None:
        """Return only while the intent is fresh: a process that was stopped in between must look again."""
        while True:
            began = self._clock.boot()
            try:
                self._control.intend(self._fence, intent)
            except ConditionFailed:
                raise self._superseded() from None
            if self._clock.boot() - began <= self._valid_seconds:
                return

    def keep(self, book: Book) -> None:
        try:
            self._control.keep(self._fence, book)
        except ConditionFailed:
            raise self._superseded() from None

    def check(self) -> None:
        """For long waits: stop as soon as it is known that the lock is gone."""
        if self.lost.is_set():
            raise self._superseded()

    def beat(self) -> None:
        try:
            self._control.beat(self._fence)
        except ConditionFailed:
            self.lost.set()
        except TaskError:
            return

    def let_go(self) -> None:
        with suppress(TaskError):
            self._control.let_go(self._fence)

    def _superseded(self) -> Superseded:
        seen = self._control.read()
        who = seen.raised_by or (str(seen.lease) if seen.lease else "somebody")
        return Superseded(
            f"the lock was taken by {who}: this command stopped there and writes nothing more",
            command_line(TaskName.STATUS, self._environment),
        )


@contextmanager
def held(site: Site, command: TaskName, reason: str) -> Iterator[Guard]:
    """Hold the lock for a while, with a heartbeat. Raises Refused when somebody else holds it."""
    control, policy = Control(site.table), site.manifest.policy
    lease = Lease(site.cloud.identity, site.host, str(command), reason, f"{site.clock.now():%Y-%m-%d %H:%M:%S} UTC")
    fence = _take(site, control, lease)
    guard = Guard(control, site.clock, fence, policy.intent_valid_seconds, site.manifest.environment)
    stop = threading.Event()
    if site.heartbeats:
        threading.Thread(target=_beat, args=(guard, stop, policy.lease_seconds), daemon=True).start()
    try:
        yield guard
    finally:
        stop.set()
        guard.let_go()


def _beat(guard: Guard, stop: threading.Event, lease_seconds: float) -> None:
    while not stop.wait(lease_seconds / _BEATS_A_LEASE) and not guard.lost.is_set():
        guard.beat()


def _take(site: Site, control: Control, lease: Lease) -> int:
    seen = control.read()
    if seen.lease is not None:
        seen = _watched(site, control, seen)
    try:
        return control.take(lease, seen)
    except ConditionFailed:
        found = control.read()
        # The SDK may have repeated a write that had already been made.
        if found.lease == lease:
            return found.fence
        raise _held(site, found) from None


def _watched(site: Site, control: Control, seen: State) -> State:
    """A lease is expired when its heartbeat did not move for the lease's length by our own clock."""
    lease_seconds = site.manifest.policy.lease_seconds
    site.voice.say(f"the lock is held: {seen.lease}; watching for up to {lease_seconds:g} s whether it is alive")
    until = site.clock.monotonic() + lease_seconds
    while site.clock.monotonic() < until:
        site.clock.sleep(lease_seconds / _LOOKS_A_LEASE)
        found = control.read()
        if found.lease is None:
            return found
        if (found.fence, found.beat) != (seen.fence, seen.beat):
            raise _held(site, found)
    site.voice.say("no heartbeat: taking the lock over")
    return seen


def _held(site: Site, seen: State) -> Refused:
    environment = site.manifest.environment
    return Refused(
        f"the lock is held: {seen.lease or 'by somebody who took it just now'}"
        + (f" ({seen.lease.reason})" if seen.lease and seen.lease.reason else "")
        + "; wait for it, or take it away if nobody is there",
        command_line(TaskName.LOCK_RELEASE, environment),
    )
