"""Rolling the API tasks, so that they read their secrets anew: the plan, and the command around it.

Nothing is switched and no release is made. Whatever API colour runs is rolled, the idle one first: where its
successors do not start, the live one was not touched.
"""

from collections.abc import Callable

from scripts.errors import Refused
from scripts.release import gates, running
from scripts.release.commands import locked
from scripts.release.plans import Plan
from scripts.release.ports import Site
from scripts.release.restart_steps import AwaitRolled, Roll, WriteSecret
from scripts.release.rolling import longest_roll_seconds
from scripts.release.state import State, read_patiently
from scripts.task_names import TaskName
from stacks.naming import Colour, Part

Decide = Callable[[], WriteSecret | None]


def roll(site: Site, command: TaskName, why: str, decide: Decide, *, dry_run: bool = False) -> Plan:
    """Write what `decide` wants under the lock, then roll. With `dry_run` it takes no lock and only plans.

    Raises Refused, HalfWay or Superseded; what `decide` raises ends it before anything was changed.
    """
    if dry_run:
        state = read_patiently(site)
        return _planned(site, state, command, decide)
    with locked(site, command, why) as (work, state):
        plan = _planned(site, state, command, decide)
        running.run(plan, work)
        return plan


def rolling_plan(state: State, command: TaskName, write: WriteSecret | None) -> Plan:
    """A plan without undo: new tasks with the value that is there are right wherever it stopped."""
    steps = [
        step for colour in running_colours(state) for step in (Roll(Part.API, colour), AwaitRolled(Part.API, colour))
    ]
    return Plan(command, None, (*([write] if write else []), *steps), carry_on=TaskName.SECRETS_ROLL)


def running_colours(state: State) -> list[Colour]:
    """API colours that have tasks, the idle one first."""
    order = (state.book.idle_colour, state.book.home_colour)
    services = {colour: state.services[Part.API, colour] for colour in order}
    return [colour for colour, found in services.items() if found.desired + found.running + found.pending > 0]


def _planned(site: Site, state: State, command: TaskName, decide: Decide) -> Plan:
    gates.nothing_unfinished(state.book, site.manifest.environment, command)
    _require_credentials(site, len(running_colours(state)))
    return rolling_plan(state, command, decide())


def _require_credentials(site: Site, colours: int) -> None:
    """They are rolled one after the other, and each may take as long as `await_rolled` waits."""
    left, needed = site.cloud.credentials_left_seconds(), colours * longest_roll_seconds(site.manifest.policy)
    if left is not None and left < needed:
        raise Refused(f"the credentials expire in {left:.0f} s, this may take {needed:.0f} s: log in again first")
