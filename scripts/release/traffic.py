"""Moving traffic and proving that it arrived: write once, read back, ask every address, hold, bake.

A rule that reads right proves nothing: each address of the load balancer applies it on its own, up to two minutes
late. Only answers prove it.
"""

from collections.abc import Callable, Mapping

from scripts.aws.model import STALE_READ_SECONDS
from scripts.errors import StepFailed
from scripts.release import asking, weights
from scripts.release.ports import Site
from scripts.release.traffic_steps import Bake, Hold, MoveTraffic, VerifyTraffic
from scripts.release.waiting import healthy_addresses
from scripts.release.weights import Weights
from scripts.release.work import Work
from stacks.naming import Colour, Part

# One look may catch a target between two health checks.
_BAD_LOOKS = 2


def move(work: Work, step: MoveTraffic) -> None:
    """Raises StepFailed when the rule is not what the plan was made for, or does not show what was written."""
    if step.before is not None:
        _require(work, step.before)
    (call,) = step.calls(work.site.manifest)
    work.write(call)
    clock = work.site.clock
    until = clock.monotonic() + work.site.manifest.policy.switch_timeout_seconds
    while read_weights(work.site) != step.to:
        if clock.monotonic() >= until:
            raise StepFailed(f"the rule still reads {read_weights(work.site)}, written was {step.to}")
        work.poll()


def read_weights(site: Site) -> Weights:
    return weights.read(site.manifest, site.cloud.traffic_rule().actions)


def verify(work: Work, step: VerifyTraffic) -> None:
    """Raises StepFailed when an address has not answered from the colour often enough in time."""
    policy, clock, key = work.site.manifest.policy, work.site.clock, work.site.cloud.smoke_key
    until = clock.monotonic() + policy.switch_timeout_seconds
    addresses = work.site.door.addresses()
    streaks, said = dict.fromkeys(addresses, 0), ""
    while min(streaks.values()) < policy.probe_answers:
        late = ask_round(work.site, streaks, step.colour, key)
        if late and late != said:
            work.site.voice.say(late)
            said = late
        if clock.monotonic() >= until:
            lagging = late or f"no {policy.probe_answers} answers in a row"
            raise StepFailed(
                f"not every address sends to {step.colour} after {policy.switch_timeout_seconds:g} s: {lagging}"
            )
        if late:
            work.poll()
        else:
            work.guard.check()
    work.site.voice.say(
        f"{len(addresses)} addresses, {policy.probe_answers} answers in a row from {step.colour} on each"
    )


def ask_round(site: Site, streaks: dict[str, int], colour: Colour, key: str, *, any_status: bool = False) -> str:
    """One new connection to each address; a wrong answer ends that address's streak. Answers what was wrong."""
    late = []
    for address in streaks:
        found, seen = asking.probe(site, address, key, any_status=any_status)
        streaks[address] = streaks[address] + 1 if found == colour else 0
        if found != colour:
            late.append(f"{address} answers {seen}")
    return "; ".join(late)


def hold(work: Work, step: Hold) -> None:
    """The time begins anew when an address falls back to the old colour."""
    policy, clock, key = work.site.manifest.policy, work.site.clock, work.site.cloud.smoke_key
    streaks = dict.fromkeys(work.site.door.addresses(), 0)
    quiet_since = clock.monotonic()
    last = quiet_since + step.seconds + policy.switch_timeout_seconds
    while clock.monotonic() - quiet_since < step.seconds:
        late = ask_round(work.site, streaks, step.colour, key)
        if late:
            work.site.voice.say(late)
            quiet_since = clock.monotonic()
        if clock.monotonic() >= last:
            raise StepFailed(f"answers from elsewhere did not end: {late or 'too many falls back'}")
        work.poll()


def bake(work: Work, step: Bake) -> None:
    """Raises StepFailed when fewer targets are healthy than at first, or than a colour's minimum, twice in a row."""
    clock, began = work.site.clock, work.site.clock.monotonic()
    expected, bad = _expected_counts(work, step), 0
    while clock.monotonic() - began < step.seconds:
        found = healthy_counts(work, step)
        fewer = [f"{part}: {found[part]} healthy of {expected[part]}" for part in Part if found[part] < expected[part]]
        bad = bad + 1 if fewer or 0 in found.values() else 0
        if bad >= _BAD_LOOKS:
            raise StepFailed(
                f"{step.placement.colour} lost targets under traffic: {'; '.join(fewer) or 'none healthy'}"
            )
        work.poll()


def healthy_counts(work: Work, step: Bake) -> Mapping[Part, int]:
    colours = {Part.API: step.placement.colour, Part.VLLM: step.placement.model_colour}
    return {part: len(healthy_addresses(work.site.cloud.targets(part, colours[part]))) for part in Part}


def _expected_counts(work: Work, step: Bake) -> Mapping[Part, int]:
    """A target that was lost before the watch began must be missed all the same."""
    colours = {Part.API: step.placement.colour, Part.VLLM: step.placement.model_colour}
    found = healthy_counts(work, step)
    return {part: max(found[part], work.site.manifest.slot(part, colours[part]).minimum_count) for part in Part}


def require_none(work: Work, colour: Colour) -> None:
    """Raises StepFailed when a colour has weight."""
    _until_read(work, lambda found: found[colour] == 0, f"{colour} must have no traffic before it stops")


def _require(work: Work, expected: Weights) -> None:
    _until_read(work, lambda found: found == expected, f"the plan was made for {expected}: somebody else moved traffic")


def _until_read(work: Work, holds: Callable[[Weights], bool], otherwise: str) -> None:
    """A read may still show what was replaced just now, so a mismatch must last."""
    clock = work.site.clock
    until = clock.monotonic() + STALE_READ_SECONDS
    while not holds(found := read_weights(work.site)):
        if clock.monotonic() >= until:
            raise StepFailed(f"the rule reads {found}; {otherwise}")
        work.poll()
