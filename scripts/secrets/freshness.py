"""Which API tasks read their secrets before the present value was there. ECS hands secrets over when a task starts."""

from dataclasses import dataclass
from datetime import datetime

from scripts.release.ports import Site
from stacks.naming import Colour, Part


@dataclass(frozen=True)
class Tasks:
    """When each API task that takes new requests was created."""

    created: tuple[datetime | None, ...]

    def older_than(self, since: datetime | None) -> int:
        """A task without a date counts as old: better one restart too many."""
        return sum(at is None or at < since for at in self.created) if since else 0


def api_tasks(site: Site) -> Tasks:
    return Tasks(tuple(task.created for colour in Colour for task in site.cloud.tasks(Part.API, colour)))
