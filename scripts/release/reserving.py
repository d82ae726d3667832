"""The release reservation: made zone by zone, read back, given back. What to ask for was decided in plans.py.

Only what EC2 says is free afterwards counts as proven: running hosts move into an open reservation, those of the
account's other environments too. Where EC2 shows a move late, a foreign host may stay unseen; ours are asked for.
"""

from scripts.aws.capacity import ACTIVE, PENDING
from scripts.aws.model import CapacityReservation
from scripts.errors import AwsFailed, TakenBack
from scripts.release.steps import CancelReservation, Reserve
from scripts.release.work import Work

_NO_CAPACITY = frozenset({"InsufficientInstanceCapacity", "InsufficientCapacity", "Unsupported"})
# EC2 shows `active` up to five minutes late (EC2 user guide, "View the state of a Capacity Reservation"), and only an
# active reservation can be cancelled (CancelCapacityReservation).
_SHOWN_SECONDS = 330.0


def reserve(step: Reserve, work: Work) -> None:
    """Raises TakenBack, with nothing left behind, when EC2 does not have the hosts in any zone or refuses."""
    try:
        missing = _missing(step, work)
    except AwsFailed as error:
        cancel(CancelReservation(step.release), work)
        raise TakenBack(f"{error}; nothing was changed") from error
    if missing == 0:
        return
    cancel(CancelReservation(step.release), work)
    capacity = work.site.manifest.capacity
    raise TakenBack(
        f"EC2 has no {step.hosts} {capacity.instance_type} to launch now in {', '.join(capacity.zones)} "
        f"({missing} missing): try again later, or release without a new model or vLLM image; nothing was changed"
    )


def cancel(step: CancelReservation, work: Work) -> None:
    """Those we made, and those that a crashed run made: AWS lists them by the release's tag."""
    for identifier in sorted(work.reservations | set(work.site.cloud.release_reservations(step.release))):
        _shown(work, identifier)
        _end(step, work, identifier)


def _missing(step: Reserve, work: Work) -> int:
    missing = step.hosts
    for zone in work.site.manifest.capacity.zones:
        if missing:
            missing -= _proven(step, work, zone, missing)
    return missing


def _proven(step: Reserve, work: Work, zone: str, wanted: int) -> int:
    """Hosts of a zone that are now free for us alone: as many as EC2 has, `wanted` at most."""
    for hosts in range(wanted, 0, -1):
        made = _made(step, work, zone, hosts)
        if made is not None:
            return _kept(step, work, made, zone, hosts)
    return 0


def _made(step: Reserve, work: Work, zone: str, hosts: int) -> str | None:
    try:
        answer = work.write(step.attempt(work.site.manifest, zone, hosts))
    except AwsFailed as error:
        if error.code in _NO_CAPACITY:
            return None
        raise
    identifier = str(answer["CapacityReservation"]["CapacityReservationId"])
    work.reservations.add(identifier)
    return identifier


def _kept(step: Reserve, work: Work, identifier: str, zone: str, hosts: int) -> int:
    """What is free of a reservation, and its end where that is nothing."""
    found = _shown(work, identifier)
    free = min(hosts, found.free_hosts) if found is not None and found.state == ACTIVE else 0
    work.site.voice.say(f"{free} in {zone}{_why_fewer(found) if free < hosts else ''}")
    if free == 0:
        _end(CancelReservation(step.release), work, identifier)
    return free


def _why_fewer(found: CapacityReservation | None) -> str:
    if found is None or found.state != ACTIVE:
        return f": the reservation is {found.state if found else PENDING}, not {ACTIVE}"
    return ": other hosts of the account took the rest"


def _end(step: CancelReservation, work: Work, identifier: str) -> None:
    work.write(step.cancel(identifier))
    work.reservations.discard(identifier)


def _shown(work: Work, identifier: str) -> CapacityReservation | None:
    """What EC2 says of a reservation once it is no longer pending; None where it does not say in time."""
    clock = work.site.clock
    until = clock.monotonic() + _SHOWN_SECONDS
    while (found := work.site.cloud.reservation(identifier)) is None or found.state == PENDING:
        if clock.monotonic() >= until:
            return None
        work.poll()
    return found
