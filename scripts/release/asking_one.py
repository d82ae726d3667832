"""The smoke task: find out what is on a colour, and ask it."""

from dataclasses import dataclass

from scripts.errors import Refused, StepFailed
from scripts.release import smoke, state
from scripts.release.book import Book
from scripts.release.model import Placement
from scripts.release.plans import has_candidate
from scripts.release.ports import Site
from scripts.task_names import TaskName, command_line
from stacks.naming import Colour


@dataclass(frozen=True)
class Asked:
    """Who was asked."""

    release: str
    colour: Colour


def ask(site: Site, live: bool | None) -> Asked:
    """Ask the live or the idle colour; None means the candidate where there is one. Raises Refused."""
    found = state.read(site)
    placement = _placement(found.book, live, site.manifest.environment)
    content = found.content(placement.colour)
    if content is None:
        raise Refused(f"{placement.colour} runs no release that can be read: see `fab status`")
    with site.voice.step("smoke", f"Asking {placement.release} on {placement.colour} through the preview rule"):
        try:
            smoke.smoke(site, placement, content.model, warm_up=False)
        except StepFailed as error:
            raise Refused(str(error), command_line(TaskName.STATUS, site.manifest.environment)) from error
    return Asked(placement.release, placement.colour)


def _placement(book: Book, live: bool | None, environment: str) -> Placement:
    wants_live = not has_candidate(book) if live is None else live
    holder = book.live if wants_live else book.idle
    if holder is None:
        side = "live" if wants_live else "idle"
        raise Refused(
            f"there is no {side} release to ask: deploy one", command_line(TaskName.DEPLOY_GREEN, environment, "…")
        )
    return holder.placement
